#include "collect/target.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/parallel.h"
#include "collect/archive_name.h"
#include "collect/binary.h"
#include "collect/convert.h"
#include "collect/directory.h"
#include "collect/wheel.h"
#include "model/cuda_library.h"

namespace cufit::collect {
namespace {

FileKind kind_of_file(const File& file) {
  FileStream s(file);
  return kind_of(s.peek(kHeadSize));
}

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
      return fail("a Windows program or library, which is not read: expected an ELF file", path, 0);
    case FileKind::other:
      return fail(
          "no file that can hold GPU code: expected ELF, cubin, fatbin, PTX, a static library or a wheel",
          path, 0);
    default:
      break;
  }
  auto binary = read_binary(*file, options);
  if (!binary) return fail("zstd data, but no cubin", path, 0);
  std::vector<Subject> subjects;
  subjects.push_back(subject_of_file(*file, std::move(binary)));
  return subjects;
}

/// What one file below a directory gave.
struct Entry {
  std::optional<Binary> binary;
  bool wheel = false;
  std::optional<Gap> gap;
};

Entry read_entry(const FoundFile& f, const Options& options) {
  auto file = File::open(f.path);
  if (!file)
    return {
        {}, false, Gap{f.path, file.error().offset, {"gap.read-error", {{"error", file.error().message}}}}};
  if (options.progress) options.progress->files++;
  if (f.path.ends_with(".whl") && kind_of_file(*file) == FileKind::zip) return {{}, true, {}};
  if (is_archive_name(f.path))
    return {{}, false, Gap{f.path, {}, text_of({formats::GapKind::archive_inside})}};
  return {read_binary(*file, options), false, {}};
}

Result<std::vector<Subject>> read_directory(const std::string& root, const Options& options) {
  auto listing = list_files(root);
  if (options.progress)
    for (const auto& f : listing.files)
      if (!f.path.ends_with(".whl")) options.progress->total += f.size;

  std::vector<size_t> order(listing.files.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = i;
  std::ranges::stable_sort(order, std::greater{}, [&](size_t i) { return listing.files[i].size; });
  std::vector<Entry> entries(listing.files.size());
  parallel_for(order.size(),
               [&](size_t k) { entries[order[k]] = read_entry(listing.files[order[k]], options); });

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
    if (!e.binary || (e.binary->shapes.empty() && e.binary->unread.empty() && !needs_cuda(e.binary->dyn)))
      continue;
    rest.members.push_back({std::move(*e.binary)});
  }
  if (wheels.empty() || !rest.members.empty() || !rest.unread.empty()) wheels.push_back(std::move(rest));
  return wheels;
}

}  // namespace

bool needs_cuda(const Dynamic& dyn) { return std::ranges::any_of(dyn.needed, is_cuda_library); }

Result<std::vector<Subject>> read_target(const std::string& path, const Options& options) {
  struct stat st;
  if (stat(path.c_str(), &st) != 0) return fail(std::strerror(errno), path);
  return S_ISDIR(st.st_mode) ? read_directory(path, options) : read_file(path, options);
}

}  // namespace cufit::collect
