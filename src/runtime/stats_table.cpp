#include "runtime/stats_table.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/units.h"
#include "base/utf8.h"

namespace weir {

namespace {

/// Of the digits of a time, so that how long a run took does not change the table.
constexpr int kTimeWidth = 11;

struct Column {
  std::string name;
  std::vector<uint64_t> counts = {};  ///< a stage each
  uint64_t total = 0;
  bool always = false;  ///< stands there also if all is zero
};

std::vector<Column> columns_of(const std::vector<Account>& accounts) {
  std::vector<Column> columns;
  const auto add = [&](std::string_view name, auto&& count_of) -> Column& {
    Column column = {.name = std::string(name)};
    for (const Account& account : accounts) {
      column.counts.push_back(count_of(account));
      column.total += column.counts.back();
    }
    return columns.emplace_back(std::move(column));
  };
  Column& in = add("in", [](const Account& account) { return account.in; });
  in.always = true;
  in.total = in.counts.front();
  add("made", [](const Account& account) { return account.made; });
  Column& out = add("out", [](const Account& account) { return account.out; });
  out.always = true;
  out.total = out.counts.back();
  for (size_t fate = 1; fate < kFates; ++fate) {
    add(fate_name(static_cast<Fate>(fate)),
        [fate](const Account& account) { return account.fates[fate]; });
  }
  add("errors", [](const Account& account) { return account.errors; });
  add("missing", [](const Account& account) { return account.missing; });
  Column& bytes = add("bytes", [](const Account& account) { return account.bytes; });
  bytes.total = bytes.counts.back();
  std::erase_if(columns, [](const Column& column) { return !column.always && column.total == 0; });
  return columns;
}

}  // namespace

std::string stats_table(const Ledger& ledger) {
  const std::vector<Account>& accounts = ledger.accounts();
  const std::vector<Column> columns = columns_of(accounts);

  // The lines grow to the right, a column at a time.
  const size_t digits = std::to_string(accounts.size() - 1).size();
  std::vector<std::string> lines = {std::string(digits, ' ') + " stage"};
  for (size_t i = 0; i < accounts.size(); ++i) {
    const std::string number = std::to_string(i);
    lines.push_back(std::string(digits - number.size(), ' ') + number + " " + accounts[i].stage);
  }
  lines.push_back(std::string(digits, ' ') + " total");
  size_t width = 0;
  for (const std::string& line : lines) width = std::max(width, line.size());
  for (std::string& line : lines) line.resize(width, ' ');

  for (const Column& column : columns) {
    std::vector<std::string> cells = {column.name};
    for (const uint64_t count : column.counts) cells.push_back(format_count(count));
    cells.push_back(format_count(column.total));
    size_t widest = 0;
    for (const std::string& cell : cells) widest = std::max(widest, cell.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      lines[i] += std::string(2 + widest - cells[i].size(), ' ') + cells[i];
    }
  }
  const auto add_time = [&lines](size_t line, uint64_t nanoseconds) {
    char time[32];
    std::snprintf(time, sizeof time, "%*.1f ms", kTimeWidth,
                  static_cast<double>(nanoseconds) / 1e6);
    lines[line] += time;
  };
  lines[0] += std::string(kTimeWidth - 1, ' ') + "time";
  uint64_t total = 0;
  for (size_t i = 0; i < accounts.size(); ++i) {
    add_time(i + 1, accounts[i].nanoseconds);
    total += accounts[i].nanoseconds;
  }
  add_time(accounts.size() + 1, total);
  std::string table;
  for (const std::string& line : lines) table += line + "\n";
  for (const BranchAccount& branch : ledger.branches()) {
    const std::string number = std::to_string(branch.stage);
    table += std::string(digits - number.size(), ' ') + number + " " +
             accounts[branch.stage].stage + " " + well_formed_utf8(branch.endpoint) + ": " +
             format_count(branch.in) + " in, " + format_count(branch.in - branch.rejected) + " out";
    if (branch.rejected > 0) table += ", " + format_count(branch.rejected) + " rejected";
    table += "\n";
  }
  return table;
}

}  // namespace weir
