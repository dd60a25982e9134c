#include "loader/environment.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "model/cuda_library.h"

namespace cufit {

namespace {

bool is_cuda(const Load& load) {
  return is_cuda_library(load.soname.empty() ? std::string_view(load.name) : load.soname);
}

bool is_in_process(const Load& load) {
  return !load.real.empty() && load.found != Found::not_found && load.found != Found::unknown;
}

/// What NVIDIA packs has the version of the library; of others' copies the name of the file is all there is.
std::string version_of(const FileOwner& owner, const std::string& real, const std::string& soname) {
  return owner.name.starts_with("nvidia-") ? owner.version : version_in_name(base_name(real), soname);
}

void tell_versions(Load& load, const Owners& owners) {
  if (load.real.empty()) return;
  auto owner = owners(load.real);
  if (!owner.name.empty()) load.owner = owner.name + ' ' + owner.version;
  load.version = version_of(owner, load.real, load.soname);
  for (auto& shadowed : load.shadows)
    shadowed.version = version_of(owners(shadowed.path), shadowed.path, load.soname);
}

std::vector<DuplicateLibrary> duplicates(const std::vector<Load>& loads) {
  std::vector<DuplicateLibrary> all;
  for (auto& load : loads) {
    if (!is_cuda(load) || !is_in_process(load)) continue;
    auto stem = library_stem(load.soname.empty() ? std::string_view(load.name) : load.soname);
    auto at = std::ranges::find(all, stem, &DuplicateLibrary::library);
    if (at == all.end()) at = all.insert(all.end(), {stem, {}});
    if (std::ranges::find(at->real, load.real) == at->real.end()) at->real.push_back(load.real);
  }
  std::erase_if(all, [](auto& library) { return library.real.size() < 2; });
  return all;
}

/// The first file that each name led to.
std::map<std::string, std::string> by_name(const std::vector<Load>& loads) {
  std::map<std::string, std::string> out;
  for (auto& load : loads) {
    if (!is_cuda(load) || load.found == Found::unknown) continue;
    auto& name = load.soname.empty() ? load.name : load.soname;
    out.try_emplace(name, load.found == Found::not_found ? "" : load.real);
  }
  return out;
}

std::vector<MovedLibrary> moved(const std::vector<Load>& with, const std::vector<Load>& without) {
  auto now = by_name(with), before = by_name(without);
  std::vector<MovedLibrary> all;
  for (auto& [name, real] : now)
    if (auto other = before.contains(name) ? before.at(name) : ""; other != real)
      all.push_back({name, real, other});
  for (auto& [name, real] : before)
    if (!now.contains(name) && !real.empty()) all.push_back({name, "", real});
  return all;
}

}  // namespace

std::string library_stem(std::string_view file_name) {
  auto name = base_name(file_name);
  auto stem = name.substr(0, name.find(".so"));
  auto dash = stem.rfind('-');
  bool hash = dash != stem.npos && stem.size() - dash == 9 &&
              stem.substr(dash + 1).find_first_not_of("0123456789abcdef") == stem.npos;
  return std::string(hash ? stem.substr(0, dash) : stem);
}

std::string version_in_name(std::string_view file_name, std::string_view soname) {
  auto version_of = [](std::string_view name) {
    auto at = name.find(".so.");
    return at == name.npos ? std::string_view() : name.substr(at + 4);
  };
  auto version = version_of(file_name);
  bool digits = version.find_first_not_of("0123456789.") == version.npos;
  return digits && version.size() > version_of(soname).size() ? std::string(version) : std::string();
}

EnvironmentLoads loads_of_environment(const Framework& framework, const PythonProcess& python,
                                      const Files& files, const LoaderSettings& settings,
                                      const Owners& owners) {
  EnvironmentLoads out;
  LibraryVersion version = [&](auto& real, auto& soname) { return version_of(owners(real), real, soname); };
  auto opening = open_framework(framework, python, files, settings, version);
  out.ends = opening.ends;
  out.loads = {{}, python.program, framework.name, std::move(opening.loads)};
  for (auto& load : out.loads.loads) tell_versions(load, owners);
  if (!out.ends) out.duplicates = duplicates(out.loads.loads);
  auto plain = settings;
  if (plain.env.erase("LD_LIBRARY_PATH") + plain.env.erase("LD_PRELOAD") > 0)
    out.moved = moved(out.loads.loads, open_framework(framework, python, files, plain, version).loads);
  return out;
}

}  // namespace cufit
