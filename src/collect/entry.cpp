#include "collect/entry.h"

#include <algorithm>
#include <functional>

#include "base/file.h"
#include "base/parallel.h"
#include "collect/archive_name.h"
#include "collect/binary.h"
#include "collect/convert.h"
#include "collect/file_names.h"
#include "collect/target.h"

namespace cufit::collect {
namespace {

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

}  // namespace

std::vector<Entry> read_entries(const std::vector<FoundFile>& files, const Options& options) {
  if (options.progress)
    for (const auto& f : files)
      if (!f.path.ends_with(".whl")) options.progress->total += f.size;
  // Largest first, so that no thread is left alone with the largest one at the end.
  std::vector<size_t> order(files.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = i;
  std::ranges::stable_sort(order, std::greater{}, [&](size_t i) { return files[i].size; });
  std::vector<Entry> entries(files.size());
  parallel_for(order.size(), [&](size_t k) { entries[order[k]] = read_entry(files[order[k]], options); });
  return entries;
}

bool is_member(const Binary& b) {
  return !b.shapes.empty() || !b.unread.empty() || needs_cuda(b.dyn) ||
         (b.format == Binary::Format::elf && is_compiler_name(base_name(b.path)));
}

}  // namespace cufit::collect
