#include "model/duplicates.h"

#include <algorithm>

#include "base/text.h"
#include "model/cuda_library.h"

namespace cufit {

std::string library_stem(std::string_view file_name) {
  auto name = base_name(file_name);
  auto stem = name.substr(0, name.find(".so"));
  auto dash = stem.rfind('-');
  bool hash = dash != stem.npos && stem.size() - dash == 9 &&
              stem.substr(dash + 1).find_first_not_of("0123456789abcdef") == stem.npos;
  return std::string(hash ? stem.substr(0, dash) : stem);
}

std::vector<DuplicateLibrary> duplicates_of(const std::vector<Load>& loads) {
  std::vector<DuplicateLibrary> all;
  for (auto& load : loads) {
    if (!load.is_there() || load.found == Found::already_loaded) continue;
    auto& name = load.soname.empty() ? load.name : load.soname;
    if (!is_cuda_library(base_name(std::string_view(name)))) continue;
    auto stem = library_stem(name);
    auto at = std::ranges::find(all, stem, &DuplicateLibrary::library);
    if (at == all.end()) at = all.insert(all.end(), {stem, {}});
    if (std::ranges::find(at->files, load.file(), &Load::file) == at->files.end()) at->files.push_back(&load);
  }
  std::erase_if(all, [](auto& library) { return library.files.size() < 2; });
  return all;
}

}  // namespace cufit
