// Reading events from TCP and Unix sockets, of many connections at once.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/result.h"
#include "source/source.h"
#include "source/stream_reader.h"

namespace weir {

/// A source that reads `endpoints`, all of them sockets, all at once. `accept` says how many
/// connections a listening one takes altogether before it ends; nothing: it goes on until `stop`.
/// Checks the options (errors of kind kUsage), and touches no network before `open`. `files` must
/// outlive it.
///
/// - What the kernel holds for a connection, which is bounded, is the channel: a connection is read
///   when its turn comes, and whoever sends more than is pulled has to wait. All who have sent
///   something take turns, and a turn is 64 KiB.
/// - A batch holds events of one connection, in their order. Its origin names the other end (the
///   endpoint, where it was connected to); lines are counted for each connection.
/// - Each connection has its own format and header, as each file has. Compressed data is refused.
/// - When the other end closes, the last event needs no line end; so it is after `stop`. Of a
///   connection that broke off, the last piece of a line is no event.
/// - A connection that breaks off, or whose content cannot be read, is a message where others may
///   come (listening), and an error where it was asked for (connecting).
/// - Memory: what is unfinished of an event, at most `max_event` each and 64 MiB (or one event) in
///   all, beside a few KiB a connection; a connection that would need more of it is not read until
///   others need less. More than 4096 connections at a time are not accepted until one closes.
Result<std::unique_ptr<Source>> make_socket_source(std::vector<Endpoint> endpoints,
                                                   SourceOptions options,
                                                   std::optional<uint64_t> accept,
                                                   FileSystem& files = system_files());

}  // namespace weir
