#include "collect/process_maps.h"

#include <optional>
#include <unordered_map>

#include "base/number.h"

namespace cufit::collect {
namespace {

constexpr size_t kMaxFiles = 20'000;

/// Takes the next word off a line; the blanks behind it stay.
std::string_view take_word(std::string_view& line) {
  auto from = line.find_first_not_of(' ');
  if (from == line.npos) return {};
  line.remove_prefix(from);
  auto word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::string unescaped(std::string_view name) {
  std::string out;
  for (size_t at = 0;;) {
    auto newline = name.find("\\012", at);
    out += name.substr(at, newline - at);
    if (newline == name.npos) return out;
    out += '\n';
    at = newline + 4;
  }
}

/// Names that the kernel gives to memory which no path leads to. All but the first stand for files of an
/// internal file system and say " (deleted)".
bool is_memory(std::string_view name) {
  constexpr std::string_view prefixes[] = {"/memfd:", "/SYSV", "/dev/zero", "/anon_hugepage", "/[aio]"};
  if (!name.starts_with('/')) return true;  // "[heap]", "anon_inode:[perf_event]", "socket:[1]"
  for (auto prefix : prefixes)
    if (name.starts_with(prefix)) return true;
  return false;
}

/// "7f..-7f.. r-xp 00001000 fe:00 106626      /usr/lib/libc.so.6"
std::optional<MappedFile> read_line(std::string_view line) {
  constexpr std::string_view gone = " (deleted)";
  auto range = take_word(line), permissions = take_word(line), offset = take_word(line);
  auto device = take_word(line), inode_word = take_word(line);
  auto name_at = line.find_first_not_of(' ');
  auto colon = device.find(':');
  if (name_at == line.npos || permissions.size() != 4 || offset.empty() || colon == device.npos ||
      range.find('-') == range.npos)
    return std::nullopt;
  auto name = line.substr(name_at);
  auto major = whole_number<uint32_t>(device.substr(0, colon), 16);
  auto minor = whole_number<uint32_t>(device.substr(colon + 1), 16);
  auto inode = whole_number<uint64_t>(inode_word);
  if (!major || !minor || !inode || *inode == 0 || is_memory(name)) return std::nullopt;
  MappedFile file;
  file.deleted = name.ends_with(gone);
  if (file.deleted) name.remove_suffix(gone.size());
  file.path = unescaped(name);
  file.executable = permissions[2] == 'x';
  file.major = *major;
  file.minor = *minor;
  file.inode = *inode;
  return file;
}

}  // namespace

std::vector<MappedFile> mapped_files(std::string_view maps) {
  std::vector<MappedFile> out;
  std::unordered_map<std::string, size_t> index;  // by path and inode: a replaced file may be mapped twice
  while (!maps.empty()) {
    auto line = maps.substr(0, maps.find('\n'));
    maps.remove_prefix(std::min(line.size() + 1, maps.size()));
    auto file = read_line(line);
    if (!file) continue;
    auto key = std::to_string(file->inode) + (file->deleted ? '-' : '+') + file->path;
    auto [at, is_new] = index.emplace(std::move(key), out.size());
    if (!is_new)
      out[at->second].executable |= file->executable;
    else if (out.size() < kMaxFiles)
      out.push_back(std::move(*file));
    else
      index.erase(at);
  }
  return out;
}

}  // namespace cufit::collect
