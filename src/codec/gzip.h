// gzip streams (RFC 1952): written by zlib, read by ISA-L, which decodes more than twice as fast.
#pragma once

#include <memory>

#include "codec/compression.h"

namespace weir {

std::unique_ptr<Decoder> make_gzip_decoder();
/// `level` 1 to 9, or 0 for 6.
std::unique_ptr<Encoder> make_gzip_encoder(int level);

}  // namespace weir
