#include "runtime/parallel_segment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <deque>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

using namespace weir;

namespace {

using std::chrono::milliseconds;

/// What is known of pulls from above.
struct Pulls {
  std::atomic<size_t> count = 0;
  std::atomic<size_t> here = 0;       ///< by the test's thread
  std::atomic<size_t> elsewhere = 0;  ///< by others
  std::atomic<bool> at_once = false;  ///< by two threads
};

/// Gives what a script says, then the end: batches of one row whose line is their number.
class Script final : public Link {
 public:
  explicit Script(std::deque<Result<Pull>> says, Pulls* pulls = nullptr, size_t bytes = 1000)
      : says_(std::move(says)), pulls_(pulls), bytes_(bytes) {}

  /// Lets anyone read.
  void open_to_all() { reads_on_ = true; }
  /// Is called with the number of the batch that is read next.
  void before_reading(std::function<void(uint64_t)> what) { before_ = std::move(what); }
  /// Has something thrown instead of that batch.
  void fail_at(uint64_t number, std::exception_ptr what) {
    bad_ = number;
    thrown_ = what;
  }

  Result<Pull> next(Batch& batch) override {
    if (inside_.exchange(true) && pulls_ != nullptr) pulls_->at_once = true;
    if (pulls_ != nullptr) {
      ++pulls_->count;
      ++(std::this_thread::get_id() == here_ ? pulls_->here : pulls_->elsewhere);
    }
    if (before_) before_(given_ + 1);
    batch.reset();
    Result<Pull> said = Pull::kEnd;
    if (!says_.empty()) {
      said = std::move(says_.front());
      says_.pop_front();
    }
    if (said && *said == Pull::kBatch) {
      batch.first_line = ++given_;
      batch.buffer = Buffer(bytes_);
      batch.add_text("{}", 0);
    }
    inside_ = false;
    if (given_ == bad_ && thrown_) std::rethrow_exception(thrown_);
    return said;
  }
  bool reads_on() const override { return reads_on_; }

 private:
  std::deque<Result<Pull>> says_;
  Pulls* pulls_;
  size_t bytes_;
  uint64_t given_ = 0;
  bool reads_on_ = false;
  std::function<void(uint64_t)> before_;
  uint64_t bad_ = 0;
  std::exception_ptr thrown_;
  std::atomic<bool> inside_ = false;
  std::thread::id here_ = std::this_thread::get_id();
};

/// A script that is read by the puller alone, or by anyone.
std::unique_ptr<Script> script(bool by_all, std::deque<Result<Pull>> says, Pulls* pulls = nullptr) {
  auto made = std::make_unique<Script>(std::move(says), pulls);
  if (by_all) made->open_to_all();
  return made;
}

/// Both of them.
constexpr bool kByAllOrNot[] = {false, true};

std::deque<Result<Pull>> batches(size_t count) {
  return std::deque<Result<Pull>>(count, Result<Pull>(Pull::kBatch));
}

/// A Map that is a function.
class Doing final : public Map {
 public:
  Doing(const PlanContext& plan, std::function<void(Batch&)> what)
      : Map(plan), what_(std::move(what)) {}
  void apply(Batch& batch) const override { what_(batch); }

 private:
  std::function<void(Batch&)> what_;
};

/// A parallel segment of one Map.
struct Setup {
  Setup(std::unique_ptr<Link> above, size_t threads, std::function<void(Batch&)> what)
      : map({.paths = paths, .index = 1}, std::move(what)) {
    std::vector<Step> steps;
    steps.push_back({.kind = Step::Kind::kApply, .stage = 1, .map = &map, .filler = nullptr});
    link = std::make_unique<ParallelSegmentLink>(std::move(above),
                                                 Segment(std::move(steps), 0, false), threads);
  }

  /// The number of the next batch; 0 for any other answer.
  uint64_t next() {
    const auto pulled = link->next(batch);
    return pulled && *pulled == Pull::kBatch ? batch.first_line : 0;
  }

  PathTable paths;
  Doing map;
  std::unique_ptr<ParallelSegmentLink> link;
  Batch batch;
};

void mark(Batch& batch) { batch.note(0, 1, Note::Kind::kError, "seen"); }

}  // namespace

TEST_CASE("batches come out in order, each worked on once, whoever is slow") {
  constexpr size_t kCount = 200;
  for (const bool by_all : kByAllOrNot) {
    for (const size_t threads : {1U, 2U, 4U, 7U}) {
      CAPTURE(threads);
      CAPTURE(by_all);
      Pulls pulls;
      Setup setup(script(by_all, batches(kCount), &pulls), threads, [](Batch& batch) {
        if (batch.first_line % 13 == 5) std::this_thread::sleep_for(milliseconds(2));
        mark(batch);
      });
      for (uint64_t i = 1; i <= kCount; ++i) {
        REQUIRE(setup.next() == i);
        REQUIRE(setup.batch.notes.size() == 1);
        // A slow reader below must not change anything either.
        if (i % 31 == 0) std::this_thread::sleep_for(milliseconds(2));
      }
      for (int i = 0; i < 2; ++i) {
        const auto end = setup.link->next(setup.batch);
        CHECK((end && *end == Pull::kEnd));
      }
      CHECK_FALSE(pulls.at_once);
      if (!by_all || threads == 1) CHECK(pulls.elsewhere == 0);
    }
  }
}

TEST_CASE("batches are worked on at the same time") {
  std::atomic<int> inside = 0;
  std::atomic<bool> met = false;
  Setup setup(std::make_unique<Script>(batches(8)), 2, [&](Batch& batch) {
    if (batch.first_line == 1) return;  // the puller's alone
    ++inside;
    for (int i = 0; i < 5000 && !met; ++i) {
      if (inside == 2) met = true;
      std::this_thread::sleep_for(milliseconds(1));
    }
    --inside;
  });
  for (uint64_t i = 1; i <= 8; ++i) REQUIRE(setup.next() == i);
  CHECK(met);
}

TEST_CASE("no more is read ahead than the ring holds, and nothing ahead of the first batch") {
  Pulls pulls;
  Setup setup(script(false, batches(100), &pulls), 2, mark);
  CHECK(setup.next() == 1);
  CHECK(pulls.count == 1);
  CHECK(setup.next() == 2);
  CHECK(pulls.count == 7);
  CHECK(setup.next() == 3);
  CHECK(pulls.count == 8);
}

TEST_CASE("while the puller is away, workers read what the ring holds, and no more") {
  Pulls pulls;
  Setup setup(script(true, batches(100), &pulls), 2, mark);
  CHECK(setup.next() == 1);
  CHECK(pulls.count == 1);
  CHECK(setup.next() == 2);
  for (int i = 0; i < 5000 && pulls.count < 8; ++i) std::this_thread::sleep_for(milliseconds(1));
  std::this_thread::sleep_for(milliseconds(20));
  CHECK(pulls.count == 8);
  CHECK(pulls.elsewhere >= 6);
  for (uint64_t i = 3; i <= 100; ++i) REQUIRE(setup.next() == i);
  CHECK_FALSE(pulls.at_once);
}

TEST_CASE("the puller reads on only until it has something to answer") {
  // While a worker has batch 3 the puller reads 4 and 5, and in the time that 5 takes 3 is
  // finished.
  const auto reads_of_puller = [] {
    std::atomic<bool> may_finish = false;
    Pulls pulls;
    auto above = script(true, batches(20), &pulls);
    above->before_reading([&](uint64_t number) {
      if (number >= 5) may_finish = true;
      if (number >= 5) std::this_thread::sleep_for(milliseconds(20));
    });
    Setup setup(std::move(above), 2, [&](Batch& batch) {
      if (batch.first_line != 3) return;
      for (int i = 0; i < 5000 && !may_finish; ++i) std::this_thread::sleep_for(milliseconds(1));
    });
    for (uint64_t i = 1; i <= 2; ++i) REQUIRE(setup.next() == i);
    for (int i = 0; i < 5000 && pulls.count < 3; ++i) std::this_thread::sleep_for(milliseconds(1));
    REQUIRE(setup.next() == 3);
    return pulls.here.load();
  };
  // On a busy machine the worker may come too late.
  size_t fewest = reads_of_puller();
  for (int i = 0; i < 9 && fewest > 4; ++i) fewest = std::min(fewest, reads_of_puller());
  CHECK(fewest == 4);  // 1, 2, 4 and 5
}

TEST_CASE("a puller alone reads a batch when it is wanted") {
  Pulls pulls;
  Setup setup(script(true, batches(100), &pulls), 1, mark);
  for (uint64_t i = 1; i <= 100; ++i) {
    REQUIRE(setup.next() == i);
    REQUIRE(pulls.count == i);
  }
}

TEST_CASE("of very long events fewer are read ahead") {
  Pulls pulls;
  Setup setup(std::make_unique<Script>(batches(20), &pulls, size_t{8} << 20), 2, mark);
  CHECK(setup.next() == 1);
  CHECK(setup.next() == 2);
  CHECK(pulls.count == 3);  // two in a ring of 6 places, 2 MiB each
  CHECK(setup.next() == 3);
  CHECK(pulls.count == 4);
}

TEST_CASE("what a lone batch needs is done by the puller") {
  const auto here = std::this_thread::get_id();
  std::atomic<int> elsewhere = 0;
  std::deque<Result<Pull>> says;
  for (int i = 0; i < 10; ++i) {
    says.emplace_back(Pull::kBatch);
    says.emplace_back(Pull::kIdle);
  }
  Setup setup(std::make_unique<Script>(std::move(says)), 4, [&](Batch& batch) {
    if (std::this_thread::get_id() != here) ++elsewhere;
    mark(batch);
  });
  for (uint64_t i = 1; i <= 10;) {
    const auto pulled = setup.link->next(setup.batch);
    REQUIRE(pulled);
    if (*pulled == Pull::kIdle) continue;
    REQUIRE(setup.batch.first_line == i++);
    REQUIRE(setup.batch.notes.size() == 1);
  }
  CHECK(elsewhere == 0);
}

TEST_CASE("an idle source holds nothing back, and is asked again") {
  std::deque<Result<Pull>> says = batches(4);
  for (int i = 0; i < 8; ++i) says.emplace_back(Pull::kIdle);
  says.emplace_back(Pull::kBatch);
  Setup setup(std::make_unique<Script>(std::move(says)), 2, mark);
  std::string seen;
  while (true) {
    const auto pulled = setup.link->next(setup.batch);
    REQUIRE(pulled);
    if (*pulled == Pull::kEnd) break;
    seen += *pulled == Pull::kIdle ? "-" : std::to_string(setup.batch.first_line);
  }
  // It was asked behind 4, and again before 3 and 4 came out.
  CHECK(seen == "1234-----5");
}

TEST_CASE("a source that is idle although a worker read it is asked again") {
  for (int round = 0; round < 20; ++round) {
    std::deque<Result<Pull>> says = batches(5);
    for (int i = 0; i < 3; ++i) says.emplace_back(Pull::kIdle);
    for (int i = 0; i < 5; ++i) says.emplace_back(Pull::kBatch);
    Setup setup(script(true, std::move(says)), 3, mark);
    for (uint64_t wanted = 1; wanted <= 10;) {
      const auto pulled = setup.link->next(setup.batch);
      REQUIRE(pulled);
      if (*pulled == Pull::kIdle) {
        REQUIRE(wanted == 6);
      } else {
        REQUIRE(setup.batch.first_line == wanted++);
      }
    }
  }
}

TEST_CASE("an error from above comes behind all that was read before it") {
  for (const bool by_all : kByAllOrNot) {
    CAPTURE(by_all);
    std::deque<Result<Pull>> says = batches(5);
    says.emplace_back(machine_error("broken"));
    Setup setup(script(by_all, std::move(says)), 2, [](Batch& batch) {
      std::this_thread::sleep_for(milliseconds(1));
      mark(batch);
    });
    for (uint64_t i = 1; i <= 5; ++i) REQUIRE(setup.next() == i);
    for (int i = 0; i < 2; ++i) {
      const auto pulled = setup.link->next(setup.batch);
      REQUIRE_FALSE(pulled);
      CHECK(pulled.error().message == "broken");
    }
  }
}

TEST_CASE("what is thrown while a batch is read is thrown where it would have come") {
  for (const bool by_all : kByAllOrNot) {
    for (const uint64_t bad : {1U, 2U, 6U}) {
      CAPTURE(by_all);
      CAPTURE(bad);
      auto above = script(by_all, batches(20));
      above->fail_at(bad, std::make_exception_ptr(std::logic_error("a fault")));
      Setup setup(std::move(above), 2, mark);
      for (uint64_t i = 1; i < bad; ++i) REQUIRE(setup.next() == i);
      CHECK_THROWS_AS(setup.next(), std::logic_error);
    }
  }
  auto above = script(true, batches(20));
  above->fail_at(4, std::make_exception_ptr(std::bad_alloc()));
  Setup setup(std::move(above), 2, mark);
  for (uint64_t i = 1; i < 4; ++i) REQUIRE(setup.next() == i);
  const auto pulled = setup.link->next(setup.batch);
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().message == "no memory is left");
}

TEST_CASE("what is thrown at a batch is thrown where its batch would have come") {
  for (const uint64_t bad : {1U, 2U, 6U}) {
    CAPTURE(bad);
    Setup setup(std::make_unique<Script>(batches(20)), 2, [bad](Batch& batch) {
      if (batch.first_line == bad) throw std::logic_error("a fault");
      mark(batch);
    });
    for (uint64_t i = 1; i < bad; ++i) REQUIRE(setup.next() == i);
    CHECK_THROWS_AS(setup.next(), std::logic_error);
  }
}

TEST_CASE("memory that cannot be had is an error where the batch would have come") {
  Setup setup(std::make_unique<Script>(batches(20)), 2, [](Batch& batch) {
    if (batch.first_line == 3) throw std::bad_alloc();
    mark(batch);
  });
  for (uint64_t i = 1; i < 3; ++i) REQUIRE(setup.next() == i);
  const auto pulled = setup.link->next(setup.batch);
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().message == "no memory is left");
}

TEST_CASE("dropped early, it ends what is under way and no more") {
  for (const bool by_all : kByAllOrNot) {
    for (const uint64_t wanted : {0U, 1U, 2U, 5U}) {
      CAPTURE(by_all);
      CAPTURE(wanted);
      std::atomic<size_t> done = 0;
      {
        Setup setup(script(by_all, batches(1000)), 3, [&](Batch& batch) {
          std::this_thread::sleep_for(milliseconds(1));
          mark(batch);
          ++done;
        });
        for (uint64_t i = 1; i <= wanted; ++i) REQUIRE(setup.next() == i);
      }
      CHECK(done <= wanted + 8 + 3);
    }
  }
}

TEST_CASE("signals are the puller's") {
  std::atomic<int> open = 0;
  const auto here = std::this_thread::get_id();
  Setup setup(script(true, batches(50)), 2, [&](Batch&) {
    if (std::this_thread::get_id() == here) return;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    if (sigismember(&mask, SIGINT) == 0 || sigismember(&mask, SIGUSR1) == 0) ++open;
  });
  for (uint64_t i = 1; i <= 50; ++i) REQUIRE(setup.next() == i);
  CHECK(open == 0);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  CHECK(sigismember(&mask, SIGINT) == 0);
}
