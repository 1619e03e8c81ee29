// The lexer and parser: literals, precedence, spans, and what wrong sources are told.
#include <doctest/doctest.h>

#include "on_event.h"

namespace weir::expr {

namespace {

/// The tree of `source` as text, or the message.
std::string tree(std::string_view source) {
  auto node = parse(source);
  return node ? to_text(**node) : node.error().message;
}

/// The first line of the message about `source`.
std::string problem(std::string_view source) {
  auto node = parse(source);
  if (node) return "fine";
  return node.error().message.substr(0, node.error().message.find('\n'));
}

std::string constant(std::string_view source) { return OnEvent("{}", Dialect::kStandard)(source); }

}  // namespace

TEST_CASE("numbers") {
  CHECK(constant("42") == "int 42");
  CHECK(constant("0xFf") == "int 255");
  CHECK(constant("-0x8000000000000000") == "int -9223372036854775808");
  CHECK(constant("-9223372036854775808") == "int -9223372036854775808");
  CHECK(constant("18446744073709551615u") == "uint 18446744073709551615");
  CHECK(constant("0xFFU") == "uint 255");
  CHECK(constant("1.5e3") == "double 1500.0");
  CHECK(constant("-.5") == "double -0.5");
  CHECK(constant("2e-1") == "double 0.2");
  CHECK(problem("9223372036854775808").starts_with("this number does not fit in an int"));
  CHECK(problem("18446744073709551616u").starts_with("this number does not fit in 64 bits"));
  CHECK(problem("1e999") == "this number is out of the range of a double");
  CHECK(problem("0x") == "hexadecimal digits are missing behind 0x");
  CHECK(problem("12abc").starts_with("this is neither a number nor a name"));
  CHECK(problem(std::string(100000, '9')).starts_with("this number does not fit in 64 bits"));
}

TEST_CASE("strings and bytes") {
  CHECK(constant(R"('it\'s' + "\"")") == R"(string "it's\"")");
  CHECK(constant(R"('\x41\u00e9\U0001F600\101')") == "string \"Aé😀A\"");
  CHECK(constant(R"(r'\d+')") == R"(string "\\d+")");
  CHECK(constant("'''two\nlines'''") == R"(string "two\nlines")");
  CHECK(constant(R"("""a"b""c""")") == R"(string "a\"b\"\"c")");
  CHECK(constant(R"(b'\xff\000')") == R"(bytes "/wA=")");
  CHECK(constant("br'\\n'") == "bytes \"XG4=\"");
  CHECK(problem("'abc") == "the closing quote is missing");
  CHECK(problem("'a\nb'").starts_with("the closing quote is missing on this line"));
  CHECK(problem(R"('\q')").starts_with("there is no such escape"));
  CHECK(problem(R"('\ud800')") == "this escape is no Unicode character");
  CHECK(problem(R"('\U00110000')") == "this escape is no Unicode character");
  CHECK(problem(R"('\x4')") == "this escape needs 2 hexadecimal digits");
  CHECK(problem(R"('\08')") == "this escape needs 3 octal digits");
  CHECK(problem(R"(b'\u0041')").starts_with("bytes have no \\u"));
  CHECK(problem("'\\").starts_with("there is no such escape"));
  CHECK(problem("'\xff'") == "the expression is no well-formed UTF-8");
}

TEST_CASE("precedence and shape") {
  CHECK(tree("1+2*3-4") == "1 + 2 * 3 - 4");
  CHECK(tree("(1+2)*(3-(4-5))") == "(1 + 2) * (3 - (4 - 5))");
  CHECK(tree("a||b&&c||d") == "a || b && c || d");
  CHECK(tree("(a||b)&&!(c==d)") == "(a || b) && !(c == d)");
  CHECK(tree("a?b:c?d:e") == "a ? b : c ? d : e");
  CHECK(tree("(a?b:c)?d:e") == "(a ? b : c) ? d : e");
  CHECK(tree("--1") == "--1");
  CHECK(tree("-(1)") == "-(1)");
  CHECK(tree("-(1.f())") == "-(1.f())");
  CHECK(tree("a - -1") == "a - -1");
  CHECK(tree("-a.b[0]") == "-a.b[0]");
  CHECK(tree("a in [1,2,] // why") == "a in [1, 2]");
  CHECK(tree("{'a':1,2:b,}") == "{'a': 1, 2: b}");
  CHECK(tree("a.`x-y`.if.size()") == "a.`x-y`.if.size()");
  CHECK(tree("f(a , b)[ 'k' ]") == "f(a, b)['k']");
  CHECK(tree("(1).f()") == "1.f()");
  CHECK(tree("(-1).f()") == "(-1).f()");
}

TEST_CASE("spans point at what they are") {
  const std::string_view source = "x + (service.name == 'é')";
  auto node = parse(source);
  REQUIRE(node);
  CHECK((*node)->span == Span{0, 26});
  CHECK((*node)->mark == Span{2, 3});
  const Node& comparison = *(*node)->children[1];
  CHECK(source.substr(comparison.span.begin, comparison.span.end - comparison.span.begin) ==
        "service.name == 'é'");
  CHECK(comparison.children[0]->mark == Span{13, 17});
}

TEST_CASE("a message shows the line and the place") {
  CHECK(tree("a = 1") == "equality is written ==\n  a = 1\n    ^");
  CHECK(tree("'é' & b") == "and is written &&\n  'é' & b\n      ^");
  CHECK(tree("a ==\n  b ==\n  ") == "the expression ends too early\n    \n    ^");
  CHECK(tree("\t.status > 1") ==
        "a field has no dot in front: write status\n   .status > 1\n   ^^^^^^^");
  const std::string longer = std::string(1000, 'a') + " = " + std::string(1000, 'b');
  CHECK(tree(longer).size() < 400);
}

TEST_CASE("words of other languages get a hint") {
  CHECK(problem("a and b") == "and is written &&");
  CHECK(problem("a or b") == "or is written ||");
  CHECK(problem("not a") == "not is written !");
  CHECK(problem("a not in b") == "not is written !, as in !(x in list)");
  CHECK(problem("a | b") == "or is written ||");
  CHECK(problem("a === b") == "equality is written ==");
  CHECK(problem("a =~ 'x'").starts_with("a match is written"));
  CHECK(problem("a <> b") == "inequality is written !=");
  CHECK(problem(".").starts_with("there is nothing in front of the dot"));
  CHECK(problem("namespace == 1") ==
        "'namespace' is a reserved word; a field of that name is written this.namespace");
  CHECK(problem("a.in").starts_with("this word cannot stand behind a dot"));
  CHECK(problem("@timestamp > 1").starts_with("this character has no meaning here"));
  CHECK(problem("") == "there is no expression");
  CHECK(problem("a b") ==
        "expected an operator here, or the end; a field of that name is written this['a b']");
  CHECK(problem("a.b c") == "expected an operator here, or the end");
  CHECK(problem("a b(c)") == "expected an operator here, or the end");
  CHECK(problem("f(a") == "expected ')' or ','");
  CHECK(problem("a ? b") == "expected ':' and what to answer otherwise");
}

TEST_CASE("hostile sources end with a message") {
  CHECK(problem(std::string(100000, '(')).ends_with("levels deep"));
  CHECK(problem(std::string(100000, '[')).ends_with("levels deep"));
  CHECK(problem(std::string(100000, '!') + "a") == "too many signs in a row");
  CHECK(problem(std::string(100000, '-') + "1") == "too many signs in a row");
  std::string sum = "1";
  std::string chain = "a";
  std::string choice = "a";
  std::string any = "a == 0";
  for (int i = 0; i < 10000; ++i) {
    sum += " + 1";
    chain += ".a";
    choice += " ? a : a";
    any += " || a == " + std::to_string(i);
  }
  CHECK(problem(sum).ends_with("levels deep"));
  CHECK(problem(chain).ends_with("levels deep"));
  CHECK(problem(choice).ends_with("levels deep"));
  CHECK(problem(any) == "fine");
  CHECK(problem(std::string(size_t{2} << 20, ' ')) == "the expression is longer than 1 MiB");
}

TEST_CASE("assignments and lists") {
  auto named = parse_assignment("http.secs = latency / 1000");
  REQUIRE(named);
  CHECK(named->target == Path::dotted("http.secs"));
  CHECK(named->name == "http.secs");
  CHECK(to_text(*named->node) == "latency / 1000");
  named = parse_assignment("this['a.b'].namespace = 1");
  REQUIRE(named);
  CHECK(named->target.to_string() == "this['a.b']['namespace']");
  named = parse_assignment("package=x == 1");
  REQUIRE(named);
  CHECK(named->target == Path::single("package"));

  auto list = parse_list(" service, a.b ,host = lower(http.host), size( tags ) ,x in [1,2]");
  REQUIRE(list);
  REQUIRE(list->size() == 5);
  CHECK((*list)[0].name == "service");
  CHECK(!(*list)[0].has_name);
  CHECK((*list)[1].target == Path::dotted("a.b"));
  CHECK((*list)[2].name == "host");
  CHECK((*list)[2].has_name);
  CHECK((*list)[3].name == "size( tags )");
  CHECK((*list)[3].target == Path::single("size( tags )"));
  CHECK((*list)[4].name == "x in [1,2]");

  CHECK(parse_assignment("count()").error().message ==
        "expected a field and '=' in front: NAME = EXPRESSION\n  count()\n  ^");
  CHECK(
      parse_assignment("a == 1").error().message.starts_with("an assignment has one equals sign"));
  CHECK(parse_list("a,,b").error().message ==
        "',' is not expected here: a value is missing\n  a,,b\n    ^");
  CHECK(parse_list("a,").error().message.starts_with("the expression ends too early"));
  CHECK(!parse_assignment("a = b = c"));
}

TEST_CASE("lists of fields") {
  const auto fields = weir::expr::parse_fields("a, b.c ,this['d.e']");
  REQUIRE(fields);
  CHECK(*fields == std::vector<Path>{Path::dotted("a"), Path::dotted("b.c"), Path::single("d.e")});
  const std::vector<std::string> words = {"a,b", "c"};
  CHECK(weir::expr::parse_fields(words)->size() == 3);
  const auto problem = [](const char* source) {
    return weir::expr::parse_fields(std::string_view(source)).error().message;
  };
  CHECK(problem("a, b = c") ==
        "expected names of fields only, without '='\n  a, b = c\n         ^");
  CHECK(problem("user-agent") ==
        "expected a field: a name, a.b, or this['user-agent']\n  user-agent\n  ^^^^^^^^^^");
  CHECK(problem("a,this") == "expected a field, and this is the whole event\n  a,this\n    ^^^^");
  CHECK(problem("meta.line")
            .starts_with("expected a field; where an event came from becomes one by set"));
  CHECK(problem("") == "expected a field: a name, a.b, or this['any name']\n  \n  ^");
  CHECK(problem("a,,b") == "expected a field: a name, a.b, or this['any name']\n  a,,b\n    ^");
  CHECK(problem("c, a b,d") ==
        "expected a field: a name, a.b, or this['a b']\n  c, a b,d\n     ^^^");
}

TEST_CASE("new names and old") {
  const auto list = parse_renamings("a = b.c, this['d e']=this['f']");
  REQUIRE(list);
  REQUIRE(list->size() == 2);
  CHECK((*list)[0].target == Path::single("a"));
  CHECK(path_of(*(*list)[0].node) == Path::dotted("b.c"));
  CHECK((*list)[1].target == Path::single("d e"));
  const std::string expected = "expected NEW = OLD: a new name, and the field it is for";
  const auto problem = [](const char* source) { return parse_renamings(source).error().message; };
  CHECK(problem("") == expected + "\n  \n  ^");
  CHECK(problem("a = b, c") == expected + "\n  a = b, c\n         ^");
  CHECK(problem("a = b,").starts_with(expected + "\n"));
  CHECK(problem("a = b + 1").starts_with(expected + "\n"));
  CHECK(problem("x -> y").starts_with(expected + ", as in 'y = x'\n"));
  CHECK(problem("x => y").starts_with(expected + ", as in 'y = x'\n"));
  CHECK(problem("x as y").starts_with(expected + ", as in 'y = x'\n"));
  CHECK(problem("x = y z").starts_with(expected + "; such a field is written this['y z']\n"));
  CHECK(problem("a = ?").starts_with(expected + "\n"));
}

TEST_CASE("calls are taken out for aggregate") {
  constexpr std::string_view kNames[] = {"count", "max"};
  auto node = parse("double(count(x > 1)) / double(count()) + max(max(a)) + xs.max(1)");
  REQUIRE(node);
  CHECK(has_calls(**node, kNames));
  const std::vector<AggregateCall> calls = take_calls(*node, kNames);
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].function == "count");
  CHECK(calls[0].arguments.size() == 1);
  CHECK(calls[1].arguments.empty());
  CHECK(calls[1].placeholder == "@count()");
  CHECK(has_calls(*calls[2].arguments[0], kNames));
  CHECK(!has_calls(**node, kNames));
  PathTable paths;
  auto other = parse("count()");
  CHECK(take_calls(*other, kNames)[0].placeholder == calls[1].placeholder);
  auto program = Program::compile(**other, "count()", paths);
  REQUIRE(program);
  CHECK(paths.find(Path::single("@count()")) == std::optional<int>(0));
}

TEST_CASE("fields are listed by the longest chains, without the variables of macros") {
  auto node =
      parse("a.b.c > 1 && xs.exists(x, x.y == z) && this['p.q'][0].r && x && meta.line > 1");
  REQUIRE(node);
  std::string found;
  for (const FieldUse& use : fields(**node)) found += use.path.to_string() + " ";
  CHECK(found == "a.b.c xs z this['p.q'] x meta.line ");
}

}  // namespace weir::expr
