#include <unordered_map>

#include "codec/writer.h"
#include "event/json_value.h"

namespace weir {
namespace {

class NdjsonWriter : public Writer {
 public:
  explicit NdjsonWriter(uint8_t stage_index) : stage_index_(stage_index) {}

  void write(Batch& batch, std::string& out) override;
  std::string_view as_it_lies(const Batch& batch) const override;
  void finish(std::string&) override {}

 private:
  /// A schema's names as they stand in the output: `"name":`, with the brace or comma in front.
  using Keys = std::vector<std::string>;
  const Keys& keys_of(const Schema& schema);
  std::string write_record(const Row& row, std::string& out);

  uint8_t stage_index_;
  /// For one batch only: a schema's address may be another's in the next.
  std::unordered_map<const Schema*, Keys> keys_;
};

const NdjsonWriter::Keys& NdjsonWriter::keys_of(const Schema& schema) {
  const auto [found, is_new] = keys_.try_emplace(&schema);
  if (is_new) {
    for (const std::string& name : schema.names) {
      std::string key;
      write_json_string(name, key);
      found->second.push_back(key + ":");
    }
  }
  return found->second;
}

/// Appends a record as an object. Answers an empty text, or why it has no JSON form.
std::string NdjsonWriter::write_record(const Row& row, std::string& out) {
  const Keys& keys = keys_of(*row.schema);
  const size_t start = out.size();
  out += '{';
  for (size_t i = 0; i < keys.size(); ++i) {
    const Value& cell = row.cells[i];
    if (cell.is_missing()) continue;
    if (out.size() > start + 1) out += ',';
    out += keys[i];
    if (const std::string problem = write_json(cell, out, 1); !problem.empty()) {
      out.resize(start);
      return "field '" + row.schema->names[i] + "' cannot be written: " + problem;
    }
  }
  out += "}\n";
  return {};
}

void NdjsonWriter::write(Batch& batch, std::string& out) {
  keys_.clear();
  // Neighbours that nobody touched still lie side by side with a line feed between them, as they
  // were read: a run of them is one copy.
  const char* run = nullptr;
  const char* run_end = nullptr;
  const auto end_run = [&] {
    if (run == nullptr) return;
    out.append(run, static_cast<size_t>(run_end - run));
    out += '\n';
    run = nullptr;
  };
  const char* const from = batch.buffer ? batch.buffer.data() : nullptr;
  const char* const to = from + batch.buffer.capacity();
  const auto in_buffer = [&](const char* p) { return p >= from && p < to; };
  batch.retain([&](uint32_t index) {
    const Row& row = batch.rows[index];
    if (row.is_record()) {
      end_run();
      std::string problem = write_record(row, out);
      if (problem.empty()) return true;
      batch.reject(index, stage_index_, std::move(problem));
      return false;
    }
    const bool goes_on = run != nullptr && row.text == run_end + 1 && in_buffer(row.text) &&
                         in_buffer(run) && *run_end == '\n';
    if (!goes_on) {
      end_run();
      run = row.text;
    }
    run_end = row.text + row.text_size;
    return true;
  });
  end_run();
}

std::string_view NdjsonWriter::as_it_lies(const Batch& batch) const {
  if (batch.alive.empty()) return {};
  const Row& first = batch.rows[batch.alive.front()];
  const char* const readable = batch.readable_end(first);
  if (readable == nullptr) return {};
  const char* end = first.text;
  for (const uint32_t index : batch.alive) {
    const Row& row = batch.rows[index];
    if (row.is_record() || row.text != end) return {};
    end += row.text_size;
    if (end >= readable || *end++ != '\n') return {};
  }
  return {first.text, static_cast<size_t>(end - first.text)};
}

}  // namespace

std::unique_ptr<Writer> make_ndjson_writer(uint8_t stage_index) {
  return std::make_unique<NdjsonWriter>(stage_index);
}

}  // namespace weir
