// Binary: one file with GPU code, read from a file or out of a stream, with the same result.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/stream.h"
#include "collect/options.h"
#include "model/image.h"

namespace cufit::collect {

/// What the first bytes of a file say that it is.
enum class FileKind : uint8_t { elf, fatbin, ptx, archive, thin_archive, zip, zstd, pe, other };
FileKind kind_of(Bytes head);
FileKind kind_of_file(const File& file);
constexpr size_t kHeadSize = 4096;  ///< bytes that kind_of wants to see

/// Reads a file that is no zip. Nothing if it is of a kind that holds no GPU code.
std::optional<Binary> read_binary(const File& file, const Options& options);

/// The same for the bytes [offset, offset + size) of a file: a stored wheel member.
std::optional<Binary> read_binary(const File& file, uint64_t offset, uint64_t size, const Options& options);

/// The same for data that only come forward. `open` gives the stream anew, from its start, each time it is
/// called; it is called once unless the file is built so that its end must be known first.
std::optional<Binary> read_binary(const std::function<std::unique_ptr<Stream>()>& open, uint64_t size,
                                  const Options& options);

}  // namespace cufit::collect
