#include "expr/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/foreign_words.h"
#include "base/utf8.h"
#include "expr/text.h"

namespace weir::expr {

namespace {

constexpr std::array<std::string_view, 17> kReservedWords = {
    "as",  "break", "const",     "continue", "else",   "for", "function", "if",   "import",
    "let", "loop",  "namespace", "package",  "return", "var", "void",     "while"};

// Longer ones first, so that the first that fits is right.
constexpr std::array<std::string_view, 25> kPunctuation = {
    "!=", "==", "<=", ">=", "&&", "||", "(", ")", "[", "]", "{", "}", ".",
    ",",  "?",  ":",  "+",  "-",  "*",  "/", "%", "!", "=", "<", ">"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::expected<std::vector<Token>, SyntaxError> run() {
    while (skip_blank() && !failed_) {
      start_ = at_;
      tokens_.emplace_back();
      read_token(tokens_.back());
      tokens_.back().span = {static_cast<uint32_t>(start_), static_cast<uint32_t>(at_)};
    }
    if (failed_) return std::unexpected(std::move(error_));
    tokens_.emplace_back();
    const auto end = static_cast<uint32_t>(source_.size());
    tokens_.back().span = {end, end};
    return std::move(tokens_);
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }

  void fail(size_t begin, size_t end, std::string message) {
    if (failed_) return;
    failed_ = true;
    error_ = {{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)}, std::move(message)};
  }

  /// Moves to the next token; false at the end.
  bool skip_blank() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        ++at_;
      } else if (c == '/' && peek(1) == '/') {
        at_ = std::min(source_.find('\n', at_), source_.size());
      } else {
        return true;
      }
    }
    return false;
  }

  void read_token(Token& token) {
    const char c = peek();
    if (read_string(token)) return;
    if (is_name_start(c)) return read_name(token);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return read_number(token);
    if (c == '`') return read_quoted_name(token);
    read_punctuation(token);
  }

  void read_name(Token& token) {
    while (is_name_part(peek())) ++at_;
    token.text = source_.substr(start_, at_ - start_);
    token.kind = TokenKind::kName;
    if (token.text == "true") token.kind = TokenKind::kTrue;
    if (token.text == "false") token.kind = TokenKind::kFalse;
    if (token.text == "null") token.kind = TokenKind::kNull;
    if (token.text == "in") token.kind = TokenKind::kIn;
    if (std::ranges::find(kReservedWords, token.text) != kReservedWords.end()) {
      token.kind = TokenKind::kReserved;
    }
  }

  void read_quoted_name(Token& token) {
    const size_t close = source_.find('`', start_ + 1);
    if (close == std::string_view::npos) {
      return fail(start_, start_ + 1, "the closing ` is missing");
    }
    at_ = close + 1;
    token.kind = TokenKind::kQuotedName;
    token.text = source_.substr(start_ + 1, close - start_ - 1);
    const bool plain = std::ranges::all_of(token.text, [](char c) {
      return is_name_part(c) || c == '.' || c == '-' || c == '/' || c == ' ';
    });
    if (!plain || token.text.empty()) {
      fail(start_, at_,
           "between backticks stand letters, digits, '_', '.', '-', '/' and blanks only; "
           "other names are written ['...']");
    }
  }

  void read_number(Token& token) {
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      at_ += 2;
      while (is_hex(peek())) ++at_;
      return finish_integer(token, start_ + 2, 16);
    }
    while (is_digit(peek())) ++at_;
    bool whole = true;
    if (peek() == '.' && is_digit(peek(1))) {
      whole = false;
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
      const size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        whole = false;
        at_ += 1 + sign;
        while (is_digit(peek())) ++at_;
      }
    }
    if (whole) return finish_integer(token, start_, 10);
    token.kind = TokenKind::kDouble;
    // from_chars wants a digit before the point, which CEL allows to be missing.
    std::string text(source_.substr(start_, at_ - start_));
    if (text[0] == '.') text.insert(0, "0");
    const auto read = std::from_chars(text.data(), text.data() + text.size(), token.real);
    if (read.ec != std::errc{}) fail(start_, at_, "this number is out of the range of a double");
    refuse_letter_behind_number();
  }

  void finish_integer(Token& token, size_t digits, int base) {
    const auto read =
        std::from_chars(source_.data() + digits, source_.data() + at_, token.magnitude, base);
    const bool is_unsigned = peek() == 'u' || peek() == 'U';
    token.kind = is_unsigned ? TokenKind::kUint : TokenKind::kInt;
    if (read.ec == std::errc::result_out_of_range) {
      return fail(start_, at_,
                  "this number does not fit in 64 bits; with a point (.0) it is a double");
    }
    if (read.ec != std::errc{})
      return fail(start_, at_, "hexadecimal digits are missing behind 0x");
    if (is_unsigned) ++at_;
    refuse_letter_behind_number();
  }

  void refuse_letter_behind_number() {
    if (!is_name_part(peek())) return;
    size_t end = at_;
    while (end < source_.size() && is_name_part(source_[end])) ++end;
    fail(start_, end,
         "this is neither a number nor a name (a name that starts with a digit is written "
         "this['...'])");
  }

  /// Reads a string or bytes if one starts here.
  bool read_string(Token& token) {
    size_t prefix = 0;
    const bool bytes = peek() == 'b' || peek() == 'B';
    if (bytes) ++prefix;
    const bool raw = peek(prefix) == 'r' || peek(prefix) == 'R';
    if (raw) ++prefix;
    const char quote = peek(prefix);
    if (quote != '"' && quote != '\'') return false;
    token.kind = bytes ? TokenKind::kBytes : TokenKind::kString;
    at_ += prefix;
    const bool triple = peek(1) == quote && peek(2) == quote;
    const size_t quotes = triple ? 3 : 1;
    at_ += quotes;
    const std::string close(quotes, quote);
    while (!failed_) {
      if (at_ >= source_.size()) {
        fail(start_, start_ + prefix + quotes, "the closing quote is missing");
      } else if (source_.compare(at_, quotes, close) == 0) {
        at_ += quotes;
        break;
      } else if (!triple && (peek() == '\n' || peek() == '\r')) {
        fail(start_, at_,
             "the closing quote is missing on this line (text over several lines stands "
             "in three quotes)");
      } else if (peek() == '\\' && !raw) {
        read_escape(token.text, bytes);
      } else {
        token.text += source_[at_++];
      }
    }
    return true;
  }

  void read_escape(std::string& out, bool bytes) {
    const size_t begin = at_;
    const char c = peek(1);
    at_ += 2;
    switch (c) {
      case 'a':
        out += '\a';
        return;
      case 'b':
        out += '\b';
        return;
      case 'f':
        out += '\f';
        return;
      case 'n':
        out += '\n';
        return;
      case 'r':
        out += '\r';
        return;
      case 't':
        out += '\t';
        return;
      case 'v':
        out += '\v';
        return;
      case '\\':
      case '?':
      case '"':
      case '\'':
      case '`':
        out += c;
        return;
      case 'x':
      case 'X':
        return read_code(begin, 2, 16, bytes, out);
      case 'u':
      case 'U':
        if (bytes)
          return fail(begin, at_, "bytes have no \\u: write \\x or \\ and three octal digits");
        return read_code(begin, c == 'u' ? 4 : 8, 16, bytes, out);
      case '0':
      case '1':
      case '2':
      case '3':
        --at_;
        return read_code(begin, 3, 8, bytes, out);
      default:
        break;
    }
    at_ = std::min(at_, source_.size());
    fail(begin, at_,
         "there is no such escape (a backslash itself is written \\\\, and r'...' takes "
         "all as it stands)");
  }

  void read_code(size_t begin, size_t digits, int base, bool bytes, std::string& out) {
    uint32_t point = 0;
    const size_t end = std::min(at_ + digits, source_.size());
    const auto read = std::from_chars(source_.data() + at_, source_.data() + end, point, base);
    if (read.ptr != source_.data() + at_ + digits) {
      return fail(begin, end,
                  "this escape needs " + std::to_string(digits) +
                      (base == 8 ? " octal digits" : " hexadecimal digits"));
    }
    at_ = end;
    if (bytes) {
      out += static_cast<char>(point);
    } else if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
      fail(begin, end, "this escape is no Unicode character");
    } else {
      append_utf8(point, out);
    }
  }

  void read_punctuation(Token& token) {
    token.kind = TokenKind::kPunctuation;
    const std::string_view rest = source_.substr(at_);
    size_t foreign = 0;
    const std::string_view remedy = remedy_for_sign(rest, foreign);
    if (!remedy.empty()) return fail(at_, at_ + foreign, std::string(remedy));
    for (const std::string_view known : kPunctuation) {
      if (!rest.starts_with(known)) continue;
      token.text = known;
      at_ += known.size();
      return;
    }
    if (rest[0] == '&') return fail(at_, at_ + 1, "and is written &&");
    if (rest[0] == '|') return fail(at_, at_ + 1, "or is written ||");
    const size_t length = code_point_offset(rest, 1);
    fail(at_, at_ + length,
         "this character has no meaning here (a field with such a name is written "
         "this['...'])");
  }

  std::string_view source_;
  size_t at_ = 0;
  size_t start_ = 0;
  bool failed_ = false;
  SyntaxError error_;
  std::vector<Token> tokens_;
};

}  // namespace

std::expected<std::vector<Token>, SyntaxError> tokenize(std::string_view source) {
  if (!is_utf8(source)) {
    return std::unexpected(SyntaxError{{}, "the expression is no well-formed UTF-8"});
  }
  return Lexer(source).run();
}

}  // namespace weir::expr
