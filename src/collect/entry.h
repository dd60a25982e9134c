// One file below a directory, as a possible member of a subject.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/file.h"
#include "base/stream.h"
#include "collect/directory.h"
#include "collect/options.h"
#include "model/image.h"

namespace cufit::collect {

class Cache;

/// What one file gave; nothing at all if it is of a kind that holds no GPU code.
struct Entry {
  std::optional<Binary> binary;
  bool wheel = false;      ///< a wheel: it is to be read as a subject of its own
  std::optional<Gap> gap;  ///< why it could not be read
  bool kept = false;       ///< by the cache, which keeps nothing of a file that said nothing of GPUs
};

/// Reads the files side by side, the largest first; the results are in the order of `files`. What `cache`
/// (may be null) knows is not read.
std::vector<Entry> read_entries(const std::vector<FoundFile>& files, const Options& options,
                                const Cache* cache = nullptr);

/// True if a binary that was found in a folder or a wheel says anything of GPUs: it holds GPU code, could not
/// be read as a whole, needs CUDA libraries, or is a compiler of GPU code.
bool is_member(const Binary& binary);

/// A file that was read by itself, and what only its name tells: of a compiler, its CUDA release.
std::optional<Binary> read_named(const File& file, const Options& options);
/// Adds the release of a compiler to a binary of that name; `open` gives the file as a stream.
void add_release(Binary& binary, const std::function<std::unique_ptr<Stream>()>& open);

}  // namespace cufit::collect
