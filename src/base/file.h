// Files as bytes: opened so that nothing can block, read with pread so that a file that shrinks is an error.
// No mmap: a page that vanishes under a mapping kills the process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/stream.h"

namespace cufit {

/// A regular file, open for reading. Moves, does not copy; const members may be called from several threads.
class File {
 public:
  /// Opens `path`; directories, FIFOs, sockets and devices are refused without touching them further.
  static Result<File> open(const std::string& path);

  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  ~File();

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }  ///< bytes, as of open()

  /// Fills all of `out` from `offset`. It is an error if the file ends before (it may have shrunk).
  Result<void> read_at(uint64_t offset, std::span<uint8_t> out) const;

  /// A hint to the kernel how the whole file will be read; may be ignored.
  enum class Access { sequential, random };
  void expect(Access access) const;

 private:
  File(int fd, std::string path, uint64_t size) : fd_(fd), path_(std::move(path)), size_(size) {}
  int fd_ = -1;
  std::string path_;
  uint64_t size_ = 0;
};

/// A buffer that does not clear what it allocates.
struct RawBuffer {
  std::unique_ptr<uint8_t[]> data;
  size_t capacity = 0;
  size_t begin = 0;  ///< [begin, end) holds bytes not yet consumed
  size_t end = 0;

  size_t size() const { return end - begin; }
  Bytes bytes() const { return {data.get() + begin, size()}; }
  /// Moves what is held to the front and makes the capacity at least `n`.
  void make_room(size_t n);
};

/// The bytes [first, first + size) of a file as a stream; at() counts from `first`. Skipping reads nothing.
/// After a jump over unread bytes only the page in question is read; as long as reading goes on without a
/// jump the reads grow up to `max_read`.
class FileStream final : public Stream {
 public:
  /// `file` must outlive the stream. The range is cut to what the file has.
  FileStream(const File& file, uint64_t first, uint64_t size);
  explicit FileStream(const File& file) : FileStream(file, 0, file.size()) {}

  uint64_t at() const override { return at_; }
  uint64_t size() const { return size_; }
  Bytes peek(size_t n) override;
  void skip(uint64_t n) override;
  const Error* error() const override { return error_ ? &*error_ : nullptr; }

  uint64_t reads() const { return reads_; }            ///< calls of pread so far
  uint64_t bytes_read() const { return bytes_read_; }  ///< bytes asked of pread so far

  static constexpr uint64_t page = 4096;
  static constexpr uint64_t max_read = 256 << 10;

 private:
  void fill(size_t n);

  const File* file_;
  uint64_t first_, size_;
  uint64_t at_ = 0;
  RawBuffer buffer_;
  bool jumped_ = true;  ///< the next read does not continue the last one
  uint64_t next_read_ = page;
  uint64_t reads_ = 0, bytes_read_ = 0;
  std::optional<Error> error_;
};

/// Bytes read in any order: headers and tables.
class RandomBytes {
 public:
  virtual ~RandomBytes() = default;
  virtual uint64_t size() const = 0;
  /// The n bytes from `off`, valid until the next call; nothing if they are not all there, cannot be read, or
  /// n is above `max_view`.
  virtual std::optional<Bytes> view(uint64_t off, uint64_t n) = 0;

  static constexpr uint64_t max_view = uint64_t{64} << 20;
};

/// Bytes in memory in any order.
class MemoryBytes final : public RandomBytes {
 public:
  explicit MemoryBytes(Bytes b) : bytes_(b) {}
  uint64_t size() const override { return bytes_.size(); }
  std::optional<Bytes> view(uint64_t off, uint64_t n) override;

 private:
  Bytes bytes_;
};

/// The bytes [first, first + size) of a file in any order; offsets count from `first`.
class FileBytes final : public RandomBytes {
 public:
  /// `file` must outlive this. The range is cut to what the file has.
  FileBytes(const File& file, uint64_t first, uint64_t size);
  explicit FileBytes(const File& file) : FileBytes(file, 0, file.size()) {}
  uint64_t size() const override { return size_; }
  std::optional<Bytes> view(uint64_t off, uint64_t n) override;
  /// Why view() gave nothing for a range that lies inside; null if reading never failed.
  const Error* error() const { return error_ ? &*error_ : nullptr; }

 private:
  struct Held {
    uint64_t at = 0;  ///< offset of its first byte
    RawBuffer buffer;
  };

  const File* file_;
  uint64_t first_, size_;
  Held last_, before_;  ///< two, because who reads a table reads its strings between the rows
  std::optional<Error> error_;
};

}  // namespace cufit
