#include "codec/zstd.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <utility>

namespace weir {
namespace {

/// log2 of the largest window: 128 MiB, what zstd(1) takes without being told.
constexpr int kLargestWindow = 27;
/// What a decoder asks for first: the magic number and a byte.
constexpr size_t kFirstWanted = 5;

class ZstdDecoder : public Decoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx(), &ZSTD_freeDCtx) {
    if (context_ != nullptr) {
      ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kLargestWindow);
    }
  }

  void reset() override {
    if (context_ != nullptr) ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    in_frame_ = frames_ = is_careful_ = may_flush_ = false;
    failure_.clear();
  }

  std::optional<size_t> decode_frames(std::string_view in, char* to, size_t room) override {
    if (context_ == nullptr) return std::nullopt;
    const size_t size = ZSTD_decompressDCtx(context_.get(), to, room, in.data(), in.size());
    if (ZSTD_isError(size) != 0) return std::nullopt;
    return size;
  }

  bool between_frames() const override { return frames_ && !in_frame_ && failure_.empty(); }

  std::expected<size_t, std::string> decode(std::string_view& in, bool last, char* to,
                                            size_t room) override {
    if (context_ == nullptr) return std::unexpected("no memory for the zstd decoder");
    size_t done = 0;
    while (done < room && failure_.empty()) {
      // Between frames the decoder must not be called without input: it would say that it waits for
      // more, as it does inside a frame.
      if (!in_frame_ && in.empty()) break;
      // A call that fails does not tell what it wrote. So within a frame it gets what is asked for,
      // which is a block, and nothing while it may have something left to write. A frame that fails
      // at its first call is begun again so.
      const bool begins = !in_frame_ && !is_careful_;
      const bool flushes = std::exchange(may_flush_, false);
      const size_t size = begins ? in.size() : flushes ? 0 : std::min(in.size(), wanted_);
      ZSTD_inBuffer from{.src = in.data(), .size = size, .pos = 0};
      ZSTD_outBuffer into{.dst = to + done, .size = room - done, .pos = 0};
      const size_t result = ZSTD_decompressStream(context_.get(), &into, &from);
      if (ZSTD_isError(result) != 0 && begins) {
        ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
        is_careful_ = true;
        wanted_ = kFirstWanted;
        continue;
      }
      in.remove_prefix(from.pos);
      done += into.pos;
      if (ZSTD_isError(result) != 0) {
        failure_ = damage(result);
        break;
      }
      wanted_ = result;
      may_flush_ = result != 0 && into.pos == into.size;
      in_frame_ = result != 0;
      if (result == 0) {
        frames_ = true;
        is_careful_ = false;
        if (done > 0) break;
      }
      if (!flushes && from.pos == 0 && into.pos == 0) break;  // all that was given came out
    }
    if (done > 0) return done;
    if (!failure_.empty()) return std::unexpected(failure_);
    if (last && in.empty() && in_frame_) {
      return std::unexpected("zstd data ends early (it is truncated)");
    }
    return done;
  }

 private:
  std::string damage(size_t result) const {
    switch (ZSTD_getErrorCode(result)) {
      case ZSTD_error_frameParameter_windowTooLarge:
        return "zstd data needs a window of more than 128 MiB to decode; "
               "compress it again without --ultra or --long above 27";
      case ZSTD_error_memory_allocation:
        return "no memory for the zstd decoder";
      case ZSTD_error_prefix_unknown:
        if (frames_) return "bytes that are no zstd data follow the end of the zstd data";
        [[fallthrough]];
      default:
        return std::string("zstd data is damaged (") + ZSTD_getErrorName(result) + ")";
    }
  }

  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_;
  bool in_frame_ = false;
  bool frames_ = false;      ///< a whole frame was read
  bool is_careful_ = false;  ///< from its first byte the frame is given in small pieces
  bool may_flush_ = false;   ///< the last call had no more room
  size_t wanted_ = 0;        ///< so many bytes are asked for next
  std::string failure_;
};

class ZstdEncoder : public Encoder {
 public:
  explicit ZstdEncoder(int level) : context_(ZSTD_createCCtx(), &ZSTD_freeCCtx) {
    if (context_ == nullptr) return;
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, level == 0 ? 3 : level);
    // What is written may lie for years: a damaged byte must not pass as data.
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

  std::string encode(std::string_view in, Mode mode, std::string& out) override {
    if (context_ == nullptr) return "no memory for the zstd encoder";
    const ZSTD_EndDirective directive = mode == Mode::kMore    ? ZSTD_e_continue
                                        : mode == Mode::kFlush ? ZSTD_e_flush
                                                               : ZSTD_e_end;
    char piece[size_t{16} << 10];
    ZSTD_inBuffer from{.src = in.data(), .size = in.size(), .pos = 0};
    while (true) {
      ZSTD_outBuffer into{.dst = piece, .size = sizeof piece, .pos = 0};
      const size_t left = ZSTD_compressStream2(context_.get(), &into, &from, directive);
      if (ZSTD_isError(left) != 0) {
        return std::string("the zstd encoder failed (") + ZSTD_getErrorName(left) + ")";
      }
      out.append(piece, into.pos);
      const bool done = mode == Mode::kMore ? from.pos == from.size : left == 0;
      if (done) return {};
    }
  }

 private:
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_;
};

}  // namespace

std::unique_ptr<Decoder> make_zstd_decoder() { return std::make_unique<ZstdDecoder>(); }

std::unique_ptr<Encoder> make_zstd_encoder(int level) {
  return std::make_unique<ZstdEncoder>(level);
}

}  // namespace weir
