#include "collect/root.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "collect/links.h"

namespace cufit::collect {
namespace {

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

template <class T>
Fact<T> failed(int number, const std::string& path) {
  return is_nothing(number) ? absent<T>(path) : unreadable<T>(error_name(number), path);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Up to `n` bytes from the start. Files of /proc have no size: read until the end.
std::expected<std::string, int> read_up_to(int fd, size_t n) {
  std::string out;
  while (out.size() < n) {
    size_t had = out.size();
    out.resize(std::min(n, std::max<size_t>(2 * had, 4096)));
    ssize_t got;
    do got = read(fd, out.data() + had, out.size() - had);
    while (got < 0 && errno == EINTR);
    if (got < 0) return std::unexpected(errno);
    out.resize(had + size_t(got));
    if (got == 0) break;
  }
  return out;
}

}  // namespace

bool is_nothing(int number) { return number == ENOENT || number == ENOTDIR; }

std::string error_name(int number) {
  // strerrorname_np is younger than the oldest glibc that we run on.
  static constexpr std::array<std::pair<int, const char*>, 25> names = {{
      {EACCES, "EACCES"},         {EAGAIN, "EAGAIN"},       {EBUSY, "EBUSY"},
      {EFBIG, "EFBIG"},           {EINVAL, "EINVAL"},       {EIO, "EIO"},
      {EISDIR, "EISDIR"},         {ELOOP, "ELOOP"},         {EMFILE, "EMFILE"},
      {ENFILE, "ENFILE"},         {ENODEV, "ENODEV"},       {ENOENT, "ENOENT"},
      {ENOMEM, "ENOMEM"},         {ENOTDIR, "ENOTDIR"},     {ENXIO, "ENXIO"},
      {EPERM, "EPERM"},           {EROFS, "EROFS"},         {ESRCH, "ESRCH"},
      {ESTALE, "ESTALE"},         {ETIMEDOUT, "ETIMEDOUT"}, {ENAMETOOLONG, "ENAMETOOLONG"},
      {EOPNOTSUPP, "EOPNOTSUPP"}, {ENOEXEC, "ENOEXEC"},     {E2BIG, "E2BIG"},
      {ETXTBSY, "ETXTBSY"},
  }};
  auto at = std::ranges::find(names, number, &std::pair<int, const char*>::first);
  return at != names.end() ? at->second : "errno " + std::to_string(number);
}

Root::Root(std::string folder) : folder_(std::move(folder)) {
  while (folder_.ends_with('/')) folder_.pop_back();
}

std::expected<std::string, int> Root::resolve(const std::string& path) const {
  if (this_machine()) return path;
  return follow_inside(folder_ + path, folder_);
}

std::optional<std::string> Root::open_path(const std::string& path) const {
  auto real = resolve(path);
  struct stat st;
  return real && stat(real->c_str(), &st) == 0 ? std::optional(*real) : std::nullopt;
}

std::optional<std::string> Root::real(const std::string& path) const {
  auto real = follow(folder_ + path, folder_);
  return real ? std::optional(real->substr(folder_.size())) : std::nullopt;
}

Fact<struct stat> Root::look(const std::string& path) const {
  auto real = resolve(path);
  if (!real) return failed<struct stat>(real.error(), path);
  struct stat st;
  if (stat(real->c_str(), &st) != 0) return failed<struct stat>(errno, path);
  return {st, at_path(path)};
}

Fact<std::string> Root::head(const std::string& path, size_t n) const {
  auto real = resolve(path);
  if (!real) return failed<std::string>(real.error(), path);
  // Looked at before it is opened: opening a device can do things.
  struct stat st;
  if (stat(real->c_str(), &st) != 0) return failed<std::string>(errno, path);
  if (!S_ISREG(st.st_mode)) return unreadable<std::string>(kind_of(st.st_mode), path);
  int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (this_machine() ? 0 : O_NOFOLLOW);
  int fd;
  do fd = open(real->c_str(), flags);
  while (fd < 0 && errno == EINTR);
  Descriptor file(fd);
  if (fd < 0) return failed<std::string>(errno, path);
  if (fstat(fd, &st) != 0) return failed<std::string>(errno, path);
  if (!S_ISREG(st.st_mode)) return unreadable<std::string>(kind_of(st.st_mode), path);
  auto text = read_up_to(fd, n);
  if (!text) return unreadable<std::string>(error_name(text.error()), path);
  return {*std::move(text), at_path(path)};
}

Fact<std::string> Root::text(const std::string& path, size_t limit) const {
  auto text = head(path, limit + 1);
  return text && text->size() > limit ? unreadable<std::string>(error_name(EFBIG), path) : text;
}

Fact<std::vector<std::string>> Root::names(const std::string& path, size_t limit) const {
  using Names = std::vector<std::string>;
  auto real = resolve(path);
  if (!real) return failed<Names>(real.error(), path);
  std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(real->c_str()), closedir);
  if (!dir) return failed<Names>(errno, path);
  Names out;
  while (true) {
    errno = 0;
    const dirent* entry = readdir(dir.get());
    if (!entry) break;
    std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (out.size() == limit) return unreadable<Names>(error_name(EFBIG), path);
    out.emplace_back(name);
  }
  if (errno) return unreadable<Names>(error_name(errno), path);
  std::ranges::sort(out);
  return {std::move(out), at_path(path)};
}

Fact<std::string> Root::link(const std::string& path) const {
  // The folder is resolved, the last name is not.
  auto slash = path.rfind('/');
  auto folder = resolve(slash == 0 ? "/" : path.substr(0, slash));
  if (!folder) return failed<std::string>(folder.error(), path);
  std::array<char, 4096> target;
  auto n = readlink((*folder + path.substr(slash)).c_str(), target.data(), target.size());
  // EINVAL: no link.
  if (n < 0) return errno == EINVAL ? absent<std::string>(path) : failed<std::string>(errno, path);
  return {std::string(target.data(), size_t(n)), at_path(path)};
}

}  // namespace cufit::collect
