#include "sink/output.h"

#include "sink/file_output.h"
#include "sink/socket_output.h"

namespace weir {

std::unique_ptr<Output> output_at(const Endpoint& endpoint, FileSystem& files) {
  if (endpoint.is_socket()) return std::make_unique<SocketOutput>(endpoint, files);
  return std::make_unique<FileOutput>(endpoint, files);
}

}  // namespace weir
