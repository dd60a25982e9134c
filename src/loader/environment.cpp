#include "loader/environment.h"

#include "base/text.h"
#include "model/package.h"

namespace cufit {

namespace {

/// What NVIDIA packs has the version of the library; of others' copies the name of the file is all there is.
std::string version_of(const FileOwner& owner, const std::string& real, const std::string& soname) {
  return normalized_name(owner.name).starts_with("nvidia-") ? owner.version
                                                            : version_in_name(base_name(real), soname);
}

void tell_versions(Load& load, const Owners& owners) {
  if (load.real.empty()) return;
  auto owner = owners(load.real);
  if (!owner.name.empty()) load.owner = owner.name + ' ' + owner.version;
  load.version = version_of(owner, load.real, load.soname);
  for (auto& shadowed : load.shadows)
    shadowed.version = version_of(owners(shadowed.path), shadowed.path, load.soname);
}

}  // namespace

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
  return out;
}

}  // namespace cufit
