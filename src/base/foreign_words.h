// What the words of other tools and languages are called here. One table for all of them, beside
// the search for the nearest word: `avg` is no misspelt `mean`, but it is what people write.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

/// The verb, with what to write behind it, that does what another tool's command does ("where":
/// "filter"). Empty if there is none. The first word is the verb's name.
std::string_view verb_for(std::string_view word);

/// How to do what another tool has a command for and weir no verb of its own ("sort"): a whole
/// sentence, or an empty text.
std::string_view task_remedy(std::string_view word);

/// What to write for another language's function ("length": "size(x)"), or an empty text.
std::string_view function_for(std::string_view name);

/// How to say under aggregate what another language's function over many events does: "did you mean
/// max(x)?" or a whole sentence; empty if there is nothing to say.
std::string aggregate_remedy(std::string_view name);

/// How to say in an expression what a word behind an operand says elsewhere ("and", "LIKE"): a
/// whole sentence, or an empty text. Case does not matter.
std::string_view remedy_for_word(std::string_view word);

/// The same for a sign that `text` begins with ("=~", a typographic quote). `length` becomes the
/// sign's length in bytes.
std::string_view remedy_for_sign(std::string_view text, size_t& length);

/// The value that a name stands for elsewhere ("True": "true"), or an empty text. Such a name may
/// be a field all the same.
std::string_view constant_for(std::string_view name);

/// What to write for a format's other name ("jsonl": "ndjson"), or an empty text.
std::string_view format_for(std::string_view name);

}  // namespace weir
