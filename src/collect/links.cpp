#include "collect/links.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <vector>

#include "base/text.h"
#include "collect/metadata.h"

namespace cufit::collect {
namespace {

namespace fs = std::filesystem;

/// The names of `path`, the last first.
void push_names(std::vector<std::string>& to, std::string_view path) {
  auto names = split(path, '/');
  for (auto it = names.rbegin(); it != names.rend(); ++it)
    if (!it->empty() && *it != ".") to.emplace_back(*it);
}

}  // namespace

std::expected<std::string, int> follow_inside(const std::string& path, const std::string& system) {
  constexpr int kMaxLinks = 40;  // as the kernel
  std::vector<std::string> ahead;
  push_names(ahead, std::string_view(path).substr(system.size()));
  std::string at = system;
  for (int links = 0; !ahead.empty();) {
    auto name = std::move(ahead.back());
    ahead.pop_back();
    if (name == "..") {
      if (at.size() > system.size()) at.resize(at.rfind('/'));
      continue;
    }
    auto next = at + '/' + name;
    struct stat st;
    if (lstat(next.c_str(), &st) != 0) return std::unexpected(errno);
    if (!S_ISLNK(st.st_mode)) {
      at = std::move(next);
      continue;
    }
    std::error_code ec;
    auto target = fs::read_symlink(next, ec).string();
    if (ec) return std::unexpected(ec.value());
    if (++links > kMaxLinks) return std::unexpected(ELOOP);
    if (target.starts_with('/')) at = system;
    push_names(ahead, target);
  }
  return at;
}

std::expected<std::string, int> follow_or_why(const std::string& path, const std::string& system) {
  if (!system.empty() && path.starts_with(system)) return follow_inside(path, system);
  std::error_code ec;
  auto real = fs::canonical(path, ec).string();
  if (ec) return std::unexpected(ec.value());
  return real;
}

std::optional<std::string> follow(const std::string& path, const std::string& system) {
  auto real = follow_or_why(path, system);
  return real ? std::optional(*std::move(real)) : std::nullopt;
}

}  // namespace cufit::collect
