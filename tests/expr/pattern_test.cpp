#include "expr/pattern.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

TEST_CASE("threads search with copies of a pattern, also where they are many") {
  const weir::expr::SharedPattern pattern(
      weir::expr::compile_pattern("retry.*(late|never)").value());
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 40; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        const std::string number = std::to_string(round);
        if (!weir::expr::search(pattern.mine(), number + " retry " + number + " late")) ++wrong;
        if (weir::expr::search(pattern.mine(), number + " late, then retry " + number)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a thread keeps its copy of a pattern, and another thread has another") {
  const weir::expr::SharedPattern pattern(weir::expr::compile_pattern("a+").value());
  const re2::RE2* const mine = &pattern.mine();
  CHECK(&pattern.mine() == mine);
  // Of two threads in a row at least one does not share a place with this one.
  bool others = false;
  for (int i = 0; i < 2; ++i) {
    std::thread([&] {
      CHECK(pattern.mine().pattern() == "a+");
      others = others || &pattern.mine() != mine;
    }).join();
  }
  CHECK(others);
}
