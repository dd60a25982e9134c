#include "collect/process.h"

#include <sys/stat.h>

#include "base/text.h"
#include "collect/root.h"

namespace cufit::collect {
namespace {

constexpr std::string_view kDeleted = " (deleted)";
constexpr size_t kMaxMaps = 16 << 20, kMaxEnviron = 4 << 20;

/// The kernel names the root of a container "/" as well, because it is one to that process: the folder itself
/// tells whether it is ours.
Fact<std::string> root_of(const Root& files, const std::string& folder) {
  auto theirs = files.look(folder + "/."), ours = files.look("/.");
  if (!theirs) return no_value<std::string>(theirs);
  if (!ours) return no_value<std::string>(ours);
  bool same = theirs->st_dev == ours->st_dev && theirs->st_ino == ours->st_ino;
  // With mounts of its own (systemd's PrivateTmp, unshare -m) the same root holds other files.
  auto proc = folder.substr(0, folder.rfind('/', folder.rfind('/') - 1));
  auto their_mounts = files.link(folder.substr(0, folder.rfind('/')) + "/ns/mnt"),
       our_mounts = files.link(proc + "/self/ns/mnt");
  if (their_mounts && our_mounts && *their_mounts != *our_mounts) same = false;
  return {same ? std::string() : folder, at_path(folder)};
}

/// Of a text that was cut off at `limit`, only what is complete: half a name is another name.
std::string_view complete(std::string_view text, size_t limit, char end) {
  return text.size() < limit ? text : text.substr(0, text.rfind(end) + 1);
}

/// A file whose name really ends in " (deleted)" looks like one that was removed: its inode tells.
void settle_deleted(const Root& files, const std::string& root, MappedFile& file) {
  if (!file.deleted) return;
  auto name = file.path + std::string(kDeleted);
  auto st = files.look(root + name);
  if (!st || st->st_ino != file.inode) return;
  file.path = name;
  file.deleted = false;
}

/// Paths in a process that was started by chroot(1) from here begin with its folder; they are made paths of
/// its own root file system.
void take_off(const std::string& folder, std::string& path) {
  if (folder.size() > 1 && path.starts_with(folder) && path.size() > folder.size() &&
      path[folder.size()] == '/')
    path.erase(0, folder.size());
}

}  // namespace

Variables variables_of(std::string_view block) {
  Variables out;
  for (auto entry : split(block, '\0')) {
    auto equals = entry.find('=');
    if (equals != entry.npos && equals > 0) out.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return out;
}

Result<Process> read_process(uint32_t pid, const std::string& proc) {
  const std::string folder = proc + '/' + std::to_string(pid);
  const Root files;
  if (auto st = files.look(folder); !st || !S_ISDIR(st->st_mode))
    return fail_as("software.no-such-process", "no such process, or /proc does not show it", folder);
  Process out;
  out.pid = pid;
  out.root = root_of(files, folder + "/root");
  out.exe = files.link(folder + "/exe");
  out.cwd = files.link(folder + "/cwd");
  // Nobody has as many; of those who do the rest is left out.
  out.maps = parsed<std::vector<MappedFile>>(
      files.head(folder + "/maps", kMaxMaps),
      [](std::string_view text) { return std::optional(mapped_files(complete(text, kMaxMaps, '\n'))); });
  out.env = parsed<Variables>(files.head(folder + "/environ", kMaxEnviron), [](std::string_view text) {
    return std::optional(variables_of(complete(text, kMaxEnviron, '\0')));
  });

  if (auto* exe = std::get_if<std::string>(&out.exe.is);
      exe && exe->ends_with(kDeleted) && !files.has(folder + "/root" + *exe))
    exe->resize(exe->size() - kDeleted.size());
  if (auto chroot = files.link(folder + "/root"); chroot && out.root && !out.root->empty()) {
    if (auto* exe = std::get_if<std::string>(&out.exe.is)) take_off(*chroot, *exe);
    if (auto* cwd = std::get_if<std::string>(&out.cwd.is)) take_off(*chroot, *cwd);
    if (auto* maps = std::get_if<std::vector<MappedFile>>(&out.maps.is))
      for (auto& file : *maps) take_off(*chroot, file.path);
  }
  if (auto* maps = std::get_if<std::vector<MappedFile>>(&out.maps.is))
    for (auto& file : *maps) settle_deleted(files, folder + "/root", file);
  // It may have ended meanwhile: then nothing of it can be told.
  if (!files.has(folder))
    return fail_as("software.process-ended", "the process ended while it was read", folder);
  return out;
}

}  // namespace cufit::collect
