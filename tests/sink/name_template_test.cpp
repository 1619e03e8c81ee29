#include "sink/name_template.h"

#include <doctest/doctest.h>

using namespace weir;

TEST_CASE("a template is taken apart where its braces are") {
  const auto shape = [](std::string_view text) {
    const auto pieces = split_name(text);
    if (!pieces) return std::string("?");
    std::string text_of_all;
    for (const NamePiece& piece : *pieces) {
      text_of_all +=
          (piece.is_expression ? "<" : "[") + piece.text + (piece.is_expression ? ">" : "]");
    }
    return text_of_all;
  };
  CHECK(shape("plain") == "[plain]");
  CHECK(shape("a{b}c{d}{e}") == "[a]<b>[c]<d><e>");
  CHECK(shape("{a}") == "<a>");
  CHECK(shape("a}b") == "[a}b]");
  CHECK(shape("a{{b}") == "[a{b}]");
  CHECK(shape("{{{a}}") == "[{]<a>[}]");
  CHECK(shape("{x['}']}.{\"{\"}") == "<x['}']>[.]<\"{\">");
  CHECK(shape("{{'a': 1}['a']}") == "[{'a': 1}['a']}]");
  CHECK(shape("{ {'a': 1}['a']}x") == "< {'a': 1}['a']>[x]");
  CHECK(shape("{r'\\'}x") == "<r'\\'>[x]");
  CHECK(shape("{a") == "?");
  CHECK(shape("{'a}") == "?");
}

TEST_CASE("the folder of a template ends in front of the first expression") {
  const auto folder = [](std::string_view text) {
    PathTable paths;
    const auto names = NameTemplate::parse(text, paths, {});
    return names ? names->folder() + " " + names->prefix() + " " + std::string(names->ending())
                 : "?";
  };
  CHECK(folder("{a}.csv") == ".  .csv");
  CHECK(folder("x-{a}/y.csv") == ".  /y.csv");
  CHECK(folder("out/x-{a}") == "out out/ ");
  CHECK(folder("/{a}") == "/ / ");
  CHECK(folder("../a/b/{a}") == "../a/b ../a/b/ ");
  CHECK(folder("out/{a}/.") == "?");
  CHECK(folder("out/{a}/..") == "?");
  CHECK(folder("out/{a}//b") == "?");
  CHECK(folder("out/{a}/") == "?");
  CHECK(folder("out/{a}..") == "out out/ ..");
}
