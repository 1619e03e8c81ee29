#include "bus/block.h"

#include <isa-l/crc.h>
#include <zstd.h>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "event/time.h"

namespace weir {
namespace {

/// Fast, and NDJSON gets not much smaller by the levels above.
constexpr int kLevel = 1;
/// What a damaged block may claim to hold at most.
constexpr uint64_t kMostBytes = uint64_t{1} << 30;

/// Whole numbers, small ones in one byte (LEB128).
void put(uint64_t number, std::string& out) {
  while (number >= 0x80) {
    out += static_cast<char>(number | 0x80);
    number >>= 7;
  }
  out += static_cast<char>(number);
}
/// Signed ones, small ones of either sign in one byte (zigzag).
void put_signed(int64_t number, std::string& out) {
  put(static_cast<uint64_t>(number) << 1 ^ static_cast<uint64_t>(number >> 63), out);
}

/// Damage must not make a sum undefined.
int64_t plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
/// A time that an eid can have.
bool is_eid_time(int64_t ms) { return ms >= 0 && ms / 1000 <= kGreatestSecond; }

/// Takes what `put` wrote off the front. All answer zeros behind the end, and `ok` says so.
struct Taker {
  std::string_view bytes;
  bool ok = true;

  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes.empty()) break;
      const auto byte = static_cast<uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ok = false;
    return 0;
  }
  int64_t signed_number() {
    const uint64_t value = number();
    return static_cast<int64_t>(value >> 1 ^ (~(value & 1) + 1));
  }
  std::string_view text() {
    const uint64_t size = number();
    if (size > bytes.size()) ok = false;
    if (!ok) return {};
    const std::string_view text = bytes.substr(0, size);
    bytes.remove_prefix(size);
    return text;
  }
};

/// A column of texts that are mostly the same few: each is written once, then by number.
class TextColumn {
 public:
  void add(std::string_view text) {
    if (last_ == SIZE_MAX || texts_[last_] != text) {
      const auto [known, is_new] = numbers_of_.try_emplace(std::string(text), texts_.size());
      if (is_new) texts_.emplace_back(text);
      last_ = known->second;
    }
    put(last_, numbers_);
  }
  void append_to(std::string& out) const {
    put(texts_.size(), out);
    for (const std::string& text : texts_) {
      put(text.size(), out);
      out += text;
    }
    out += numbers_;
  }

 private:
  std::vector<std::string> texts_;
  std::unordered_map<std::string, size_t> numbers_of_;
  std::string numbers_;
  size_t last_ = SIZE_MAX;
};

/// A column of eids as text, or of any other text: most are eids, not far from the one before.
void put_eid(std::string_view text, Eid& before, std::string& out) {
  const std::optional<Eid> eid = text.empty() ? std::nullopt : parse_eid(text);
  if (!eid) {
    put(text.size() * 2, out);
    out += text;
    return;
  }
  put(1, out);
  put_signed(eid->ms - before.ms, out);
  put_signed(static_cast<int64_t>(eid->sequence) - before.sequence, out);
  before = *eid;
}

/// Such a column as it is read. The texts go to `texts`.
class EidColumnReader {
 public:
  explicit EidColumnReader(Arena& texts) : texts_(texts) {}

  std::string_view next(Taker& from) {
    const uint64_t kind = from.number();
    if (kind != 1) {
      if (kind / 2 > from.bytes.size()) from.ok = false;
      if (!from.ok || kind == 0) return {};
      const std::string_view text = from.bytes.substr(0, kind / 2);
      from.bytes.remove_prefix(kind / 2);
      return texts_.copy(text);
    }
    Eid eid{.ms = plus(before_.ms, from.signed_number()), .sequence = 0};
    const int64_t sequence = plus(before_.sequence, from.signed_number());
    if (sequence < 0 || sequence >= Eid::kSequences || !is_eid_time(eid.ms)) from.ok = false;
    if (!from.ok) return {};
    eid.sequence = static_cast<uint32_t>(sequence);
    // One event becomes many: they share the text.
    if (eid == before_ && !text_.empty()) return text_;
    before_ = eid;
    scratch_.clear();
    append_eid(eid, scratch_);
    return text_ = texts_.copy(scratch_);
  }

 private:
  Arena& texts_;
  Eid before_;
  std::string_view text_;  ///< of `before_`, if it was read
  std::string scratch_;
};

/// Moves what the column has appended so far into `out`, its length in front.
void append_column(const std::string& column, std::string& out) {
  put(column.size(), out);
  out += column;
}

}  // namespace

bool Block::is_full() const {
  return payload_bytes >= BlockBuilder::kBytes || count >= BlockBuilder::kEvents;
}

bool Block::is_small(uint64_t count, uint64_t payload_bytes) {
  return payload_bytes < BlockBuilder::kBytes / 4 * 3 && count < BlockBuilder::kEvents / 4 * 3;
}

/// The envelopes column by column, in the order in which they are stored. A given eid, timestamp or
/// time stands as 1 and the value; one that is not given, or follows by itself, as 0.
struct BlockBuilder::Columns {
  TextColumn ids;
  TextColumn sources;
  std::string eids;
  std::string written;
  std::string times;
  std::string starts;
  std::string ends;
  std::string units;
  Eid last_eid;  ///< that is written
  Eid last_start;
  Eid last_end;
  int64_t last_written = 0;
  int64_t last_time = 0;
  std::optional<int64_t> least_time;
  std::optional<int64_t> greatest_time;
  bool has_unknown_time = false;
};

struct BlockBuilder::Codec {
  Codec() : context(ZSTD_createCCtx(), &ZSTD_freeCCtx) {
    if (context == nullptr) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  }
  std::string compress(std::string_view bytes) const {
    const size_t room = ZSTD_compressBound(bytes.size());
    const auto out = std::make_unique_for_overwrite<char[]>(room);
    const size_t size = ZSTD_compress2(context.get(), out.get(), room, bytes.data(), bytes.size());
    // With room for the worst case only memory can be missing.
    if (ZSTD_isError(size) != 0) throw std::bad_alloc();
    return {out.get(), size};
  }
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context;
};

BlockBuilder::BlockBuilder()
    : columns_(std::make_unique<Columns>()), codec_(std::make_unique<Codec>()) {}
BlockBuilder::~BlockBuilder() = default;
BlockBuilder::BlockBuilder(BlockBuilder&&) noexcept = default;
BlockBuilder& BlockBuilder::operator=(BlockBuilder&&) noexcept = default;

void BlockBuilder::add(const Event& event) {
  Columns& to = *columns_;
  payloads_ += event.payload;
  payloads_ += '\n';
  ++count_;
  to.ids.add(event.id);
  to.sources.add(event.correlation.source);
  // An eid that is the next one follows by itself.
  const bool jumps = event.eid && (!last_given_ || *event.eid != last_given_->after(1));
  put(jumps ? 1 : 0, to.eids);
  if (jumps) {
    put_signed(event.eid->ms - to.last_eid.ms, to.eids);
    put(event.eid->sequence, to.eids);
    to.last_eid = *event.eid;
  }
  if (event.eid) {
    if (!first_given_) first_given_ = event.eid;
    last_given_ = event.eid;
  }
  put(event.written ? 1 : 0, to.written);
  if (event.written) {
    put_signed(*event.written - to.last_written, to.written);
    to.last_written = *event.written;
  }
  put(event.source_time ? 1 : 0, to.times);
  if (event.source_time) {
    put_signed(*event.source_time - to.last_time, to.times);
    to.last_time = *event.source_time;
  }
  // A time that is not given is the event's timestamp, and that is its eid's where it is not given.
  std::optional<int64_t> time = event.source_time ? event.source_time : event.written;
  if (!time && event.eid) time = event.eid->ms;
  if (time) {
    to.least_time = std::min(to.least_time.value_or(INT64_MAX), *time);
    to.greatest_time = std::max(to.greatest_time.value_or(INT64_MIN), *time);
  } else {
    to.has_unknown_time = true;
  }
  if (!event.correlation.is_there()) return;
  put_eid(event.correlation.start, to.last_start, to.starts);
  put_eid(event.correlation.end, to.last_end, to.ends);
  put_signed(event.correlation.units, to.units);
}

Block BlockBuilder::take(int64_t now) {
  const Columns from = std::move(*std::exchange(columns_, std::make_unique<Columns>()));
  std::string envelopes;
  for (const std::string* column :
       {&from.eids, &from.written, &from.times, &from.starts, &from.ends, &from.units}) {
    append_column(*column, envelopes);
  }
  from.ids.append_to(envelopes);
  from.sources.append_to(envelopes);
  Block block;
  block.count = std::exchange(count_, 0);
  block.payload_bytes = payloads_.size();
  block.least_time = from.least_time.value_or(now);
  block.greatest_time = from.greatest_time.value_or(now);
  block.has_unknown_time = from.has_unknown_time;
  if (from.has_unknown_time) {
    block.least_time = std::min(block.least_time, now);
    block.greatest_time = std::max(block.greatest_time, now);
  }
  block.envelopes = codec_->compress(envelopes);
  block.payloads = codec_->compress(payloads_);
  payloads_.clear();
  first_given_.reset();
  last_given_.reset();
  return block;
}

namespace {

/// Decodes one frame, which must give `size` bytes.
std::expected<void, std::string> decompress(std::string_view frame, char* to, uint64_t size) {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                  &ZSTD_freeDCtx);
  if (context == nullptr) return std::unexpected("no memory for the zstd decoder");
  const size_t got = ZSTD_decompressDCtx(context.get(), to, size, frame.data(), frame.size());
  if (ZSTD_isError(got) != 0) return std::unexpected(ZSTD_getErrorName(got));
  if (got != size) return std::unexpected("it holds fewer bytes than it says");
  return {};
}

/// The columns of envelopes, each to be taken from its front; what is behind the last of equal
/// length is left in `all`.
struct EnvelopeColumns {
  std::string bytes;
  Taker all;
  Taker eids;
  Taker written;
  Taker times;
  Taker starts;
  Taker ends;
  Taker units;
  Eid given;  ///< the last eid that was given

  std::expected<void, std::string> open(const Block& block);
  /// The eid of the next event, whose one before has `before`, if there is one.
  Eid next_eid(const std::optional<Eid>& before, const Eid& first);
};

std::expected<void, std::string> EnvelopeColumns::open(const Block& block) {
  const uint64_t size = ZSTD_getFrameContentSize(block.envelopes.data(), block.envelopes.size());
  if (size >= kMostBytes) return std::unexpected("the envelopes are no zstd frame");
  // Each event has a byte at least.
  if (block.count > size) return std::unexpected("the envelopes are damaged");
  bytes.resize(size);
  if (auto done = decompress(block.envelopes, bytes.data(), size); !done) {
    return std::unexpected("the envelopes are damaged: " + done.error());
  }
  all.bytes = bytes;
  for (Taker* const column : {&eids, &written, &times, &starts, &ends, &units}) {
    column->bytes = all.text();
  }
  return {};
}

Eid EnvelopeColumns::next_eid(const std::optional<Eid>& before, const Eid& first) {
  if (eids.number() != 1) return before ? before->after(1) : first;
  given.ms = plus(given.ms, eids.signed_number());
  given.sequence = static_cast<uint32_t>(eids.number() % Eid::kSequences);
  if (!is_eid_time(given.ms)) eids.ok = false;
  return given;
}

struct TextColumnReader {
  explicit TextColumnReader(Taker& from, Arena& texts) {
    const uint64_t count = from.number();
    for (uint64_t i = 0; i < count && from.ok; ++i) names.push_back(texts.copy(from.text()));
  }
  std::string_view next(Taker& from) const {
    const uint64_t index = from.number();
    if (index >= names.size()) from.ok = false;
    return from.ok ? names[index] : std::string_view();
  }
  std::vector<std::string_view> names;
};

}  // namespace

std::expected<void, std::string> decode_envelopes(const Block& block, const Eid& first,
                                                  Envelopes& out) {
  EnvelopeColumns columns;
  if (auto opened = columns.open(block); !opened) return opened;
  auto& [bytes, all, eids, written, times, starts, ends, units, given] = columns;
  const TextColumnReader ids(all, out.texts);
  std::vector<std::string_view> id_of(all.ok ? block.count : 0);
  for (std::string_view& id : id_of) id = ids.next(all);
  const TextColumnReader sources(all, out.texts);

  std::optional<Eid> eid;
  EidColumnReader start(out.texts);
  EidColumnReader end(out.texts);
  int64_t written_before = 0;
  int64_t time_before = 0;
  out.rows.reserve(id_of.size());
  for (size_t i = 0; i < id_of.size() && all.ok; ++i) {
    Envelope envelope;
    envelope.id = id_of[i];
    eid = columns.next_eid(eid, first);
    envelope.eid = *eid;
    envelope.timestamp = eid->ms;
    if (written.number() == 1) {
      envelope.timestamp = written_before = plus(written_before, written.signed_number());
    }
    envelope.source_time = envelope.timestamp;
    if (times.number() == 1) {
      envelope.source_time = time_before = plus(time_before, times.signed_number());
    }
    envelope.correlation.source = sources.next(all);
    if (envelope.correlation.is_there()) {
      envelope.correlation.start = start.next(starts);
      envelope.correlation.end = end.next(ends);
      envelope.correlation.units = units.signed_number();
    }
    out.rows.push_back(envelope);
  }
  for (const Taker* column : {&all, &eids, &written, &times, &starts, &ends, &units}) {
    if (!column->ok) return std::unexpected("the envelopes are damaged");
  }
  return {};
}

std::expected<void, std::string> decode_payloads(const Block& block, char* to) {
  if (auto done = decompress(block.payloads, to, block.payload_bytes); !done) {
    return std::unexpected("the payloads are damaged: " + done.error());
  }
  return {};
}

uint32_t checksum_of(const Eid& first, const Eid& last, const Block& block, const Times& times) {
  const std::string facts = eid_text(first) + eid_text(last) + " " + std::to_string(block.count) +
                            " " + std::to_string(block.payload_bytes) + " " +
                            std::to_string(times.least) + " " + std::to_string(times.greatest);
  uint32_t sum = 0;
  for (const std::string* part : {&facts, &block.envelopes, &block.payloads}) {
    sum = crc32_gzip_refl(sum, reinterpret_cast<const uint8_t*>(part->data()), part->size());
  }
  return sum;
}

BlockBuilder::Event DecodedBlock::event(size_t index) const {
  const Envelope& envelope = envelopes.rows[index];
  BlockBuilder::Event event;
  event.payload = lines[index];
  event.id = envelope.id;
  event.correlation = envelope.correlation;
  event.eid = envelope.eid;
  if (envelope.timestamp != envelope.eid.ms) event.written = envelope.timestamp;
  if (envelope.source_time != envelope.timestamp) event.source_time = envelope.source_time;
  return event;
}

std::expected<std::unique_ptr<DecodedBlock>, std::string> decode_block(const Block& block,
                                                                       const Eid& first) {
  auto decoded = std::make_unique<DecodedBlock>();
  if (auto done = decode_envelopes(block, first, decoded->envelopes); !done) {
    return std::unexpected(done.error());
  }
  decoded->payloads.resize(block.payload_bytes);
  if (auto done = decode_payloads(block, decoded->payloads.data()); !done) {
    return std::unexpected(done.error());
  }
  decoded->lines.reserve(block.count);
  std::string_view rest = decoded->payloads;
  for (size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    decoded->lines.push_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty() || decoded->lines.size() != decoded->envelopes.rows.size()) {
    return std::unexpected("it has not as many events as envelopes");
  }
  return decoded;
}

std::expected<PlaceInBlock, std::string> find_in_block(const Block& block, const Eid& first,
                                                       const Eid& position) {
  EnvelopeColumns columns;
  if (auto opened = columns.open(block); !opened) return std::unexpected(opened.error());
  PlaceInBlock place;
  std::optional<Eid> eid;
  while (place.before < block.count) {
    eid = columns.next_eid(eid, first);
    if (!columns.all.ok || !columns.eids.ok) return std::unexpected("the envelopes are damaged");
    if (*eid > position) {
      place.next = eid;
      break;
    }
    ++place.before;
  }
  return place;
}

}  // namespace weir
