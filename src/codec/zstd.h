// zstd streams (RFC 8878), by libzstd.
#pragma once

#include <memory>

#include "codec/compression.h"

namespace weir {

/// Takes windows up to 128 MiB (`zstd --long=27`); a larger one is an error.
std::unique_ptr<Decoder> make_zstd_decoder();
/// `level` 1 to 19, or 0 for 3.
std::unique_ptr<Encoder> make_zstd_encoder(int level);

}  // namespace weir
