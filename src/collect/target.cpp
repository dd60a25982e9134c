#include "collect/target.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "collect/binary.h"
#include "collect/directory.h"
#include "collect/entry.h"
#include "collect/environment.h"
#include "collect/installed.h"
#include "collect/links.h"
#include "collect/search_path.h"
#include "collect/wheel.h"
#include "model/cuda_library.h"

namespace cufit::collect {
namespace {

Subject subject_of_file(const File& file, std::optional<Binary> binary) {
  Subject s;
  s.kind = Subject::Kind::file;
  s.name = s.path = file.path();
  s.files_read = 1;
  if (binary) {
    if (binary->format == Binary::Format::archive) s.kind = Subject::Kind::archive;
    s.members.push_back({std::move(*binary)});
  }
  return s;
}

Result<std::vector<Subject>> read_file(const std::string& path, const Options& options) {
  auto file = File::open(path);
  if (!file) return std::unexpected(file.error());
  auto kind = kind_of_file(*file);
  if (options.progress && kind != FileKind::zip) options.progress->total += file->size();
  switch (kind) {
    case FileKind::zip: {
      auto wheel = read_wheel(*file, options);
      if (!wheel) return std::unexpected(wheel.error());
      return std::vector{std::move(*wheel)};
    }
    case FileKind::pe:
      return fail_as("open.windows", "a Windows program or library, which is not read: expected an ELF file",
                     path, 0);
    case FileKind::other:
      return fail_as(
          "open.no-gpu-file",
          "no file that can hold GPU code: expected ELF, cubin, fatbin, PTX, a static library or a wheel",
          path, 0);
    default:
      break;
  }
  auto binary = read_named(*file, options);
  if (!binary) return fail_as("open.zstd", "zstd data, but no cubin", path, 0);
  std::vector<Subject> subjects;
  subjects.push_back(subject_of_file(*file, std::move(binary)));
  return subjects;
}

/// `root` is a virtual environment in which no package can lie: its lib is not there.
bool has_no_packages(std::string_view root, const std::vector<Environment>& environments,
                     const std::vector<Subject>& subjects) {
  while (root.size() > 1 && root.ends_with('/')) root.remove_suffix(1);
  auto is_bare = [&](const Environment& e) { return e.root == root && e.sites.empty() && !e.conda; };
  auto is_empty = [](const Subject& s) { return s.members.empty() && s.unread.empty(); };
  return !subjects.empty() && std::ranges::all_of(environments, is_bare) &&
         std::ranges::all_of(subjects, is_empty);
}

Result<std::vector<Subject>> read_directory(const std::string& root, const Options& options) {
  // Like a file that this user may not read: it is the target itself that cannot be opened.
  std::error_code error;
  std::filesystem::directory_iterator(root, error);
  if (error) return fail(error.message(), root);
  Cache cache(root, options);
  if (auto kept = cache.answer()) return std::move(*kept);
  auto wanted = wanted_in_environments();
  auto tree = walk(root, wanted, cache.on() ? &cache : nullptr, options.system);
  if (auto environments = find_environments(root, tree, options.system); !environments.empty()) {
    add_search_paths(root, wanted, options.system, cache, tree, environments);
    auto subjects = read_environments(root, std::move(tree), environments, options, cache);
    if (has_no_packages(root, environments, subjects))
      subjects.front().unread.push_back({root, {}, {"gap.no-packages"}});
    cache.keep(subjects);
    return subjects;
  }

  auto listing = list_files(root, options.system);
  auto entries = read_entries(listing.files, options);
  std::vector<Subject> wheels;
  Subject rest;
  rest.kind = Subject::Kind::directory;
  rest.name = rest.path = root;
  rest.unread = std::move(listing.gaps);
  for (size_t i = 0; i < entries.size(); i++) {
    auto& e = entries[i];
    if (e.wheel) {
      auto wheel = read_file(listing.files[i].path, options);
      if (wheel)
        wheels.push_back(std::move(wheel->front()));
      else
        rest.unread.push_back({listing.files[i].path,
                               wheel.error().offset,
                               {"gap.zip-damaged", {{"error", wheel.error().message}}}});
      continue;
    }
    rest.files_read++;
    if (e.gap) rest.unread.push_back(std::move(*e.gap));
    if (e.binary && is_member(*e.binary)) rest.members.push_back({std::move(*e.binary)});
  }
  if (wheels.empty() || !rest.members.empty() || !rest.unread.empty()) wheels.push_back(std::move(rest));
  return wheels;
}

}  // namespace

bool needs_cuda(const Dynamic& dyn) {
  // The runtime needs a driver by itself.
  return std::ranges::any_of(dyn.needed, is_cuda_library) ||
         (dyn.soname && dyn.soname->starts_with("libcudart"));
}

Result<std::vector<Subject>> read_target(const std::string& given, const Options& options) {
  auto path = given;
  if (!options.system.empty()) {
    // The kernel would take links of the root file system for links of this machine.
    auto inside = follow(given, options.system);
    if (!inside)
      return fail("no such file in the root file system " + options.system + ", or links that go in a circle",
                  given);
    path = std::move(*inside);
  }
  struct stat st;
  if (stat(path.c_str(), &st) != 0)
    return errno == ENOENT ? fail_as("open.no-such-file", "no such file or folder", path)
                           : fail(std::strerror(errno), path);
  return S_ISDIR(st.st_mode) ? read_directory(path, options) : read_file(path, options);
}

}  // namespace cufit::collect
