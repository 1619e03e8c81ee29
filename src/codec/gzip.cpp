#include "codec/gzip.h"

#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

namespace weir {
namespace {

/// The window size that zlib takes with "a gzip header and trailer" added (zlib.h, inflateInit2).
constexpr int kGzipWindow = 15 + 16;

uint8_t* bytes_of(const char* p) { return reinterpret_cast<uint8_t*>(const_cast<char*>(p)); }

/// Both libraries count in 32 bits.
uint32_t piece(size_t size) {
  return static_cast<uint32_t>(std::min<size_t>(size, std::numeric_limits<uint32_t>::max()));
}

class GzipDecoder : public Decoder {
 public:
  GzipDecoder() { GzipDecoder::reset(); }

  void reset() override {
    isal_inflate_init(state_.get());
    state_->crc_flag = ISAL_GZIP;
    place_ = Place::kMember;
    failure_.clear();
  }

  std::optional<size_t> decode_frames(std::string_view in, char* to, size_t room) override {
    size_t size = 0;
    while (!in.empty()) {
      isal_inflate_reset(state_.get());
      state_->crc_flag = ISAL_GZIP;
      state_->next_in = bytes_of(in.data());
      state_->avail_in = piece(in.size());
      state_->next_out = bytes_of(to + size);
      state_->avail_out = piece(room - size);
      const int result = isal_inflate_stateless(state_.get());
      if (result != ISAL_DECOMP_OK || state_->block_state != ISAL_BLOCK_FINISH) return std::nullopt;
      size = static_cast<size_t>(reinterpret_cast<char*>(state_->next_out) - to);
      in.remove_prefix(in.size() - state_->avail_in);
    }
    return size;
  }

  bool between_frames() const override { return place_ == Place::kJoint && failure_.empty(); }

  std::expected<size_t, std::string> decode(std::string_view& in, bool last, char* to,
                                            size_t room) override {
    size_t done = 0;
    while (done < room && failure_.empty()) {
      if (place_ != Place::kMember && !between_members(in)) break;
      const size_t before = in.size();
      state_->next_in = bytes_of(in.data());
      state_->avail_in = piece(in.size());
      state_->next_out = bytes_of(to + done);
      state_->avail_out = piece(room - done);
      const uint32_t offered = state_->avail_in;
      const uint32_t space = state_->avail_out;
      const int result = isal_inflate(state_.get());
      const uint32_t written = space - state_->avail_out;
      in.remove_prefix(offered - state_->avail_in);
      done += written;
      if (result < 0) {
        failure_ = "gzip data is damaged (" + std::string(damage(result)) + ")";
      } else if (state_->block_state == ISAL_BLOCK_FINISH) {
        place_ = Place::kJoint;
        if (done > 0) break;
      } else if (written == 0 && in.size() == before) {
        break;  // all that was given came out
      }
    }
    if (done > 0) return done;
    if (!failure_.empty()) return std::unexpected(failure_);
    if (last && in.empty() && place_ == Place::kMember) {
      return std::unexpected("gzip data ends early (it is truncated)");
    }
    return done;
  }

 private:
  enum class Place : uint8_t { kMember, kJoint, kPadding };

  /// Looks at what follows a member: another one, zeros (tapes and block devices pad with them, and
  /// gzip(1) passes over them), or bytes that do not belong there. True if a member starts.
  bool between_members(std::string_view& in) {
    if (place_ == Place::kJoint && in.starts_with('\x1f')) {
      isal_inflate_reset(state_.get());
      place_ = Place::kMember;
      return true;
    }
    if (in.empty()) return false;
    place_ = Place::kPadding;
    in.remove_prefix(std::min(in.find_first_not_of('\0'), in.size()));
    if (!in.empty()) failure_ = "bytes that are no gzip data follow the end of the gzip data";
    return false;
  }

  static std::string_view damage(int result) {
    switch (result) {
      case ISAL_INVALID_BLOCK:
        return "invalid block";
      case ISAL_INVALID_SYMBOL:
        return "invalid code";
      case ISAL_INVALID_LOOKBACK:
        return "invalid distance too far back";
      case ISAL_INVALID_WRAPPER:
        return "incorrect header check";
      case ISAL_UNSUPPORTED_METHOD:
        return "unknown compression method";
      case ISAL_INCORRECT_CHECKSUM:
        return "incorrect data check";
      default:
        return "unknown error";
    }
  }

  std::unique_ptr<inflate_state> state_ = std::make_unique<inflate_state>();
  Place place_ = Place::kMember;
  std::string failure_;
};

class GzipEncoder : public Encoder {
 public:
  explicit GzipEncoder(int level) {
    ready_ = deflateInit2(&stream_, level == 0 ? 6 : level, Z_DEFLATED, kGzipWindow, 8,
                          Z_DEFAULT_STRATEGY) == Z_OK;
  }
  GzipEncoder(const GzipEncoder&) = delete;
  GzipEncoder& operator=(const GzipEncoder&) = delete;
  ~GzipEncoder() override { deflateEnd(&stream_); }

  std::string encode(std::string_view in, Mode mode, std::string& out) override {
    if (!ready_) return "no memory for the gzip encoder";
    const int flush = mode == Mode::kMore    ? Z_NO_FLUSH
                      : mode == Mode::kFlush ? Z_SYNC_FLUSH
                                             : Z_FINISH;
    char piece_out[size_t{16} << 10];
    while (true) {
      stream_.next_in = bytes_of(in.data());
      stream_.avail_in = piece(in.size());
      const uint32_t offered = stream_.avail_in;
      stream_.next_out = bytes_of(piece_out);
      stream_.avail_out = sizeof piece_out;
      // Only the last piece of a text beyond 4 GiB carries the flush.
      const int result = deflate(&stream_, offered == in.size() ? flush : Z_NO_FLUSH);
      if (result == Z_STREAM_ERROR) return "the gzip encoder failed";
      in.remove_prefix(offered - stream_.avail_in);
      out.append(piece_out, sizeof piece_out - stream_.avail_out);
      if (result == Z_STREAM_END) return {};
      // Room left over means that nothing waits inside.
      if (mode != Mode::kEnd && in.empty() && stream_.avail_out > 0) return {};
    }
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_gzip_decoder() { return std::make_unique<GzipDecoder>(); }

std::unique_ptr<Encoder> make_gzip_encoder(int level) {
  return std::make_unique<GzipEncoder>(level);
}

}  // namespace weir
