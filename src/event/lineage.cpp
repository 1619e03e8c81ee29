#include "event/lineage.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace weir {

void Lineage::add(const Batch& batch, uint32_t row) {
  const Envelope* const envelope = batch.envelope_of(row);
  if (envelope == nullptr) return;
  const Envelopes& all = *batch.origin_of(row)->envelopes;
  const Eid first = envelope->eid;
  const Eid last = all.made ? parse_eid(envelope->correlation.end).value_or(first) : first;
  const int64_t units = all.made ? envelope->correlation.units : 1;
  if (empty()) {
    queue_ = all.queue;
    first_ = first;
    last_ = last;
    units_ = units;
    source_time_ = envelope->source_time;
    earliest_ = first;
  } else if (queue_ == all.queue) {
    if (first != latest_) units_ += units;
    first_ = std::min(first_, first);
    last_ = std::max(last_, last);
    source_time_ = std::min(source_time_, envelope->source_time);
  }
  latest_ = first;
  latest_units_ = units;
}

void Lineage::add(const Lineage& later) {
  if (later.empty()) return;
  if (empty()) {
    *this = later;
    return;
  }
  if (queue_ == later.queue_) {
    units_ += later.units_ - (later.earliest_ == latest_ ? latest_units_ : 0);
    first_ = std::min(first_, later.first_);
    last_ = std::max(last_, later.last_);
    source_time_ = std::min(source_time_, later.source_time_);
  }
  latest_ = later.latest_;
  latest_units_ = later.latest_units_;
}

std::string Lineage::text() const {
  if (empty()) return {};
  std::string text = queue_;
  for (const Eid& eid : {first_, last_, earliest_, latest_}) text += " " + eid_text(eid);
  for (const int64_t number : {latest_units_, units_, source_time_}) {
    text += " " + std::to_string(number);
  }
  return text;
}

std::optional<Lineage> Lineage::parse(std::string_view text) {
  Lineage lineage;
  if (text.empty()) return lineage;
  const auto word = [&text] {
    const std::string_view first = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), first.size() + 1));
    return first;
  };
  lineage.queue_ = word();
  for (Eid* const eid : {&lineage.first_, &lineage.last_, &lineage.earliest_, &lineage.latest_}) {
    const auto parsed = parse_eid(word());
    if (!parsed) return std::nullopt;
    *eid = *parsed;
  }
  for (int64_t* const number : {&lineage.latest_units_, &lineage.units_, &lineage.source_time_}) {
    const std::string_view digits = word();
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), *number);
    if (problem != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  }
  if (!text.empty() || lineage.empty()) return std::nullopt;
  return lineage;
}

uint32_t MadeEnvelopes::add(const Lineage& lineage) {
  if (lineage.empty()) return 0;
  if (envelopes_ == nullptr) {
    envelopes_ = std::make_shared<Envelopes>();
    envelopes_->queue = lineage.queue_;
    envelopes_->made = true;
  }
  if (envelopes_->queue != lineage.queue_) return 0;
  Correlation made_of{.source = envelopes_->queue,
                      .start = envelopes_->texts.copy(eid_text(lineage.first_)),
                      .end = {},
                      .units = lineage.units_};
  if (lineage.last_ != lineage.first_) {
    made_of.end = envelopes_->texts.copy(eid_text(lineage.last_));
  }
  envelopes_->rows.push_back({.eid = lineage.first_,
                              .timestamp = 0,
                              .source_time = lineage.source_time_,
                              .id = {},
                              .correlation = made_of});
  return static_cast<uint32_t>(envelopes_->rows.size());
}

std::shared_ptr<const Origin> MadeEnvelopes::take() {
  if (envelopes_ == nullptr) return nullptr;
  auto origin = std::make_shared<const Origin>(
      Origin{.name = "queue:" + envelopes_->queue, .envelopes = std::move(envelopes_)});
  envelopes_.reset();
  return origin;
}

}  // namespace weir
