#include "collect/entry.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/text.h"
#include "collect/archive_name.h"
#include "collect/binary.h"
#include "collect/cache.h"
#include "collect/compiler.h"
#include "collect/convert.h"
#include "collect/file_names.h"
#include "collect/target.h"
#include "collect/unread.h"

namespace cufit::collect {
namespace {

bool is_compiler(const Binary& b) {
  return b.format == Binary::Format::elf && is_compiler_name(base_name(b.path));
}

void add(Binary& b, const std::optional<Version>& release) {
  if (!release || std::ranges::find(b.toolkits, *release) != b.toolkits.end()) return;
  b.toolkits.push_back(*release);
  std::ranges::sort(b.toolkits);
}

Entry read_entry(const FoundFile& f, const Options& options, const Cache* cache) {
  if (cache)
    if (auto known = cache->known(f)) return std::move(*known);
  auto file = File::open(f.path);
  if (!file) return {{}, false, unread_gap(f.path, file.error())};
  if (options.progress) options.progress->files++;
  if (f.path.ends_with(".whl") && kind_of_file(*file) == FileKind::zip) return {{}, true, {}};
  if (is_archive_name(f.path))
    return {{}, false, Gap{f.path, {}, text_of({formats::GapKind::archive_inside})}};
  return {read_named(*file, options), false, {}};
}

}  // namespace

std::vector<Entry> read_entries(const std::vector<FoundFile>& files, const Options& options,
                                const Cache* cache) {
  if (options.progress)
    for (const auto& f : files)
      if (!f.path.ends_with(".whl")) options.progress->total += f.size;
  // Largest first, so that no thread is left alone with the largest one at the end.
  std::vector<size_t> order(files.size());
  for (size_t i = 0; i < order.size(); i++) order[i] = i;
  std::ranges::stable_sort(order, std::greater{}, [&](size_t i) { return files[i].size; });
  std::vector<Entry> entries(files.size());
  parallel_for(order.size(),
               [&](size_t k) { entries[order[k]] = read_entry(files[order[k]], options, cache); });
  return entries;
}

bool is_member(const Binary& b) {
  return !b.shapes.empty() || !b.unread.empty() || needs_cuda(b.dyn) || is_compiler(b);
}

std::optional<Binary> read_named(const File& file, const Options& options) {
  auto binary = read_binary(file, options);
  if (binary && is_compiler(*binary)) add(*binary, compiler_release(file));
  return binary;
}

void add_release(Binary& binary, const std::function<std::unique_ptr<Stream>()>& open) {
  if (is_compiler(binary)) add(binary, compiler_release(*open()));
}

}  // namespace cufit::collect
