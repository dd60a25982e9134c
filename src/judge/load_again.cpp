#include "judge/load_again.h"

#include <algorithm>

#include "loader/search.h"
#include "model/cuda_library.h"

namespace cufit {

void KnownFiles::add(std::span<const Loads> loads) {
  for (auto& process : loads)
    for (auto& l : process.loads) {
      auto& told = by_path_[l.file()];
      if (told.version.empty()) told = {l.version, l.owner};
      for (auto& s : l.shadows) by_path_.try_emplace(s.path, s.version, std::string());
    }
}

bool KnownFiles::tell(Load& load) const {
  if (!load.version.empty() || !is_cuda_library(load.name) || load.found == Found::not_found) return true;
  auto at = by_path_.find(load.file());
  if (at == by_path_.end() || at->second.version.empty()) return false;
  load.version = at->second.version, load.owner = at->second.owner;
  return true;
}

std::optional<std::vector<Load>> loaded_again(const Loads& process, const Files& files,
                                              const LoaderSettings& settings, const KnownFiles& known) {
  if (process.loads.empty()) return process.loads;
  // Of a program or an import that ended nobody has seen what it loads behind that.
  if (std::ranges::any_of(process.loads, &Load::stops)) return std::nullopt;
  std::vector<Opened> opened;
  for (auto& l : process.loads)
    if (l.dlopened) opened.push_back({l.name, l.by});
  auto again = loads_of(process.start, opened, files, settings);
  if (again.empty()) return std::nullopt;
  for (auto& l : again)
    if (l.found == Found::unknown || l.found == Found::in_maps || !known.tell(l)) return std::nullopt;
  return again;
}

}  // namespace cufit
