// Evaluating takes no memory from the system for an event, unless the expression makes a new
// string, list or map: what it needs for the moment comes out of the arena's block, which a reset
// keeps. A program of its own, as it counts what operator new is asked for.
#include <doctest/doctest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "event/batch.h"
#include "event/fill.h"
#include "expr/expr.h"

namespace {

size_t allocations = 0;

void* counted(size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(size_t size) { return counted(size); }
void* operator new[](size_t size) { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }

namespace {

using namespace weir;
using namespace weir::expr;

std::string make_event() {
  std::string event =
      R"({"service":"cart","status":503,"took":12.5,"big":18446744073709551615,"ok":true,)"
      R"("none":null,"http":{"status":500,"path":"/cart/\u0061dd"},"user.id":"u-7",)"
      R"("ts":"2026-11-24T10:00:00.5Z","tags":["a","b","c"],"deep":[[1,2],[3,4]],"text":"12",)"
      R"("s":"GET /api/v1/users/42 HTTP","a":"2001:db8:0:1::1234:5678","n":-5,"x":1.5,)"
      R"("l":[3,1,4,1.5,"a",[2]],)"
      R"("parts":[{"n":1,"d":{"x":2}},{"n":2}],"dotted":"a.b.c","e":"\u00e9t\u00e9 \ud83d\ude00",)";
  std::string many = "0";
  std::string wide = R"("k0":0)";
  for (int i = 1; i < 40; ++i) {
    const std::string number = std::to_string(i);
    many += "," + number;
    wide += ",\"k" + number + "\":" + number;
  }
  return event + "\"many\":[" + many + "],\"wide\":{" + wide + "},\"same\":{" + wide + "}}";
}

/// How often operator new is called in 1,000 evaluations, after some to warm up.
size_t allocations_of(const std::string& source) {
  const std::string event = make_event();
  Batch batch;
  batch.buffer = Buffer(event.size());
  event.copy(batch.buffer.data(), event.size());
  batch.add_text({batch.buffer.data(), event.size()}, 0);
  PathTable paths;
  const auto node = parse(source);
  REQUIRE_MESSAGE(node, source);
  const auto program = Program::compile(**node, source, paths);
  REQUIRE_MESSAGE(program, program.error().message);
  ColumnFiller(paths, program->slots()).fill(batch, 0);
  batch.columns.resize(static_cast<size_t>(paths.size()), {Value()});
  Arena arena;
  const auto evaluate = [&](int times) {
    for (; times > 0; --times) {
      arena.reset();
      program->eval({batch.columns, 0, arena});
    }
  };
  evaluate(100);
  const size_t before = allocations;
  evaluate(1'000);
  return allocations - before;
}

}  // namespace

TEST_CASE("operator new is counted") {
  const size_t before = allocations;
  const std::string text(100, 'x');
  CHECK(allocations == before + 1);
  CHECK(text.size() == 100);
}

TEST_CASE("an expression that makes no new string, list or map allocates nothing") {
  for (const char* source : {
           // Extensions.
           "s.contains('users') && s.startsWith('GET') && s.endsWith('HTTP')",
           "s.matches('v[0-9]') && size(s) > 3",
           "s.indexOf('/') + s.lastIndexOf('/') > 0",
           "s.substring(4, 8) == '/api' && s.charAt(0) == 'G'",
           "math.greatest(n, x, 3) > 2 && math.least([n, 2]) < 0",
           "math.abs(n) + math.sign(n) > 0 && math.round(x) == 2.0 && !math.isNaN(x)",
           "math.bitAnd(n, 3) + math.bitShiftLeft(n, 2) < 5",
           "isIP(a) && ip(a).isGlobalUnicast() && ip(a).family() == 6",
           "cidr('2001:db8::/32').containsIP(a) && ip.isCanonical(a)",
           "cidr('2001:db8::/32').containsCIDR(cidr('2001:db8::/48'))",
           "sets.contains(l, [1, 'a']) && sets.intersects(l, [[2.0]])",
           "l.slice(1, 3).size() == 2 && l.last().hasValue()",
           "regex.extract(s, 'users/([0-9]+)').orValue('') == '42'",
           // Fields, comparison, logic.
           "status",
           "http.status",
           "this['user.id']",
           "user.id",
           "nowhere",
           "this",
           "status >= 500",
           "service == 'cart'",
           "service != http.path",
           "took < status",
           "big > 3",
           "big == 18446744073709551615u",
           "none == null",
           "text > 3",
           "text == '12'",
           "ok && status > 1 || !ok",
           "ok ? status : took",
           "nowhere > 1 || ok",
           "has(http.status)",
           "has(http.nowhere) || has(parts)",
           "status > 'x'",
           "ok > 1 && nowhere",
           // Arithmetic.
           "status + 1",
           "status * 2 - 7 % 3",
           "status / 7",
           "took * 1.5 + status",
           "-status",
           "text * 2",
           "big + 1u",
           "status / 0",
           "service - 1",
           // Lists and maps of the event and of the expression.
           "status in [200, 500, 503]",
           "service in ['cart', 'search']",
           "service in tags",
           "'b' in tags",
           "'status' in http",
           "status in {503: true}",
           "tags[1]",
           "http['path']",
           "parts[0].d.x",
           "parts[1]['n'] > 1",
           "tags[9]",
           "size(tags)",
           "tags.size() == 3",
           "size(http)",
           "http == {'status': 500}",
           "tags == ['a', 'b', 'c']",
           "deep == [[1, 2]]",
           "tags != deep",
           "parts[0] == parts[1]",
           // Macros.
           "tags.exists(t, t == 'c')",
           "tags.all(t, t != 'x')",
           "tags.exists_one(t, t > 'b')",
           "parts.exists(p, p.n > 1)",
           "parts.all(p, has(p.d.x))",
           "http.exists(k, k == 'path')",
           "deep.all(row, row.exists(n, n > 1))",
           "[1, 2, 3].exists(n, n == status)",
           "tags.exists(t, parts.all(p, p.n > 0 && t != service))",
           "parts.all(p, p.m > 1)",
           "many.all(n, n < 40)",
           "39 in many",
           "many[38] + 1",
           "size(many)",
           "many == many",
           "wide.k39 > 1",
           "wide['k20']",
           "'k30' in wide",
           "size(wide)",
           "wide == same",
           // Strings.
           "service.startsWith('ca')",
           "service.endsWith(service)",
           "dotted.contains('b.c')",
           "service.matches('^c.*t$')",
           "matches(dotted, '[a-z](\\\\.[a-z])+')",
           "size(service)",
           "size(e)",
           "e.indexOf('t')",
           "dotted.lastIndexOf('.')",
           "e == '\xc3\xa9t\xc3\xa9'",
           // Conversions that make no text.
           "int(text) + 1",
           "double(text)",
           "uint(status)",
           "bool('true') == ok",
           "type(status)",
           "type(service) == string",
           "bytes(service) == b'cart'",
           "string(service)",
           "int(service)",
       }) {
    CAPTURE(source);
    CHECK(allocations_of(source) == 0);
  }
}
