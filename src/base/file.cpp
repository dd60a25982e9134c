#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace cufit {
namespace {

std::string reason(int code) { return std::generic_category().message(code); }

std::string kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

uint64_t round_up(uint64_t v, uint64_t unit) { return (v + unit - 1) / unit * unit; }

}  // namespace

Result<File> File::open(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer. O_NOCTTY: a terminal must not become ours.
  int fd;
  do fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    // A socket cannot be opened at all.
    if (errno == ENXIO)
      return fail("expected a regular file, found a socket or a device that is not there", path);
    if (errno == ENOENT) return fail_as("open.no-such-file", "no such file or folder", path);
    if (errno == EACCES) return fail_as("open.denied", "may not be read", path);
    return fail("cannot be opened: " + reason(errno), path);
  }
  File file(fd, path, 0);
  struct stat st;
  if (fstat(fd, &st) != 0) return fail("cannot be examined: " + reason(errno), path);
  if (!S_ISREG(st.st_mode)) return fail("expected a regular file, found " + kind_of(st.st_mode), path);
  file.size_ = uint64_t(st.st_size);
  return file;
}

File::File(File&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      size_(std::exchange(other.size_, 0)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  std::swap(size_, other.size_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> File::read_at(uint64_t offset, std::span<uint8_t> out) const {
  while (!out.empty()) {
    if (offset > uint64_t(INT64_MAX)) return fail("offset lies beyond what a file can have", path_, offset);
    ssize_t n = ::pread(fd_, out.data(), out.size(), off_t(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("cannot be read: " + reason(errno), path_, offset);
    if (n == 0)
      return fail("the file ends here, expected " + std::to_string(out.size()) + " bytes more", path_,
                  offset);
    out = out.subspan(size_t(n));
    offset += uint64_t(n);
  }
  return {};
}

void File::expect(Access access) const {
  posix_fadvise(fd_, 0, 0, access == Access::sequential ? POSIX_FADV_SEQUENTIAL : POSIX_FADV_RANDOM);
}

void RawBuffer::make_room(size_t n) {
  if (n > capacity) {
    // At least doubled, so that a peek that asks for a little more each time copies little.
    size_t grown = std::max(n, 2 * capacity);
    auto fresh = std::make_unique_for_overwrite<uint8_t[]>(grown);
    if (size() > 0) std::memcpy(fresh.get(), data.get() + begin, size());
    data = std::move(fresh);
    capacity = grown;
  } else if (begin > 0 && size() > 0) {
    std::memmove(data.get(), data.get() + begin, size());
  }
  end = size();
  begin = 0;
}

// --- FileStream ---

FileStream::FileStream(const File& file, uint64_t first, uint64_t size)
    : file_(&file), first_(std::min(first, file.size())), size_(std::min(size, file.size() - first_)) {}

Bytes FileStream::peek(size_t n) {
  n = size_t(std::min<uint64_t>({n, max_peek, size_ - at_}));
  if (buffer_.size() < n) fill(n);
  return buffer_.bytes();
}

void FileStream::skip(uint64_t n) {
  n = std::min(n, size_ - at_);
  at_ += n;
  if (n <= buffer_.size()) {
    buffer_.begin += size_t(n);
  } else {
    buffer_.begin = buffer_.end = 0;
    jumped_ = true;
  }
}

void FileStream::fill(size_t n) {
  if (error_) return;
  next_read_ = jumped_ ? 0 : std::clamp(2 * next_read_, page, max_read);
  jumped_ = false;
  // Whole pages of the file: a page that is touched is copied to its end, the next one is left alone.
  uint64_t from = first_ + at_ + buffer_.size();
  uint64_t until = round_up(std::max(first_ + at_ + n, from + next_read_), page);
  uint64_t want = std::min(until, first_ + size_) - from;
  buffer_.make_room(size_t(buffer_.size() + want));
  reads_++;
  bytes_read_ += want;
  auto got = file_->read_at(from, {buffer_.data.get() + buffer_.end, size_t(want)});
  // The error names the first byte that is missing; those before it were read.
  if (!got) want = got.error().offset.value_or(from) - from;
  buffer_.end += size_t(want);
  if (!got) error_ = std::move(got.error());
}

// --- RandomBytes ---

std::optional<Bytes> MemoryBytes::view(uint64_t off, uint64_t n) {
  if (n > max_view) return std::nullopt;
  return slice(bytes_, off, n);
}

FileBytes::FileBytes(const File& file, uint64_t first, uint64_t size)
    : file_(&file), first_(std::min(first, file.size())), size_(std::min(size, file.size() - first_)) {}

std::optional<Bytes> FileBytes::view(uint64_t off, uint64_t n) {
  if (n > max_view || off > size_ || n > size_ - off) return std::nullopt;
  for (auto* held : {&last_, &before_})
    if (off >= held->at)
      if (auto bytes = slice(held->buffer.bytes(), off - held->at, n)) return bytes;
  std::swap(last_, before_);
  // Whole pages: tables and small members lie together.
  uint64_t page_at = (first_ + off) / FileStream::page * FileStream::page;
  last_.at = std::max(page_at, first_) - first_;
  uint64_t want = std::min(round_up(first_ + off + n, FileStream::page) - first_, size_) - last_.at;
  auto& buffer = last_.buffer;
  buffer.begin = buffer.end = 0;
  buffer.make_room(size_t(want));
  if (auto got = file_->read_at(first_ + last_.at, {buffer.data.get(), size_t(want)}); !got) {
    error_ = std::move(got.error());
    return std::nullopt;
  }
  buffer.end = size_t(want);
  return slice(buffer.bytes(), off - last_.at, n);
}

}  // namespace cufit
