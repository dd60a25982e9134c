#include "commands/standing.h"

#include <algorithm>
#include <vector>

#include "knowledge/catalogue.h"
#include "knowledge/near_miss.h"

namespace cufit::commands {

namespace {

/// The package of the catalogue whose name this one is but for a slip; empty if there is none. Short names
/// are near to too many.
std::string meant(const std::string& name, const Knowledge& k) {
  constexpr size_t shortest = 4, long_name = 8;
  if (name.size() < shortest) return {};
  for (auto& package : package_names(k))
    if (edit_distance(name, package) <= (name.size() < long_name ? 1 : 2)) return package;
  return {};
}

/// "cudf-cu12", "tensorflow-gpu", "jax-cuda12-pjrt".
bool is_named_for_gpus(std::string_view name) {
  if (name.find("cuda") != name.npos || name.ends_with("-gpu")) return true;
  auto digits = name.find_last_not_of("0123456789");
  return digits != name.npos && digits + 1 < name.size() && name.substr(0, digits + 1).ends_with("-cu");
}

}  // namespace

Standing standing_of(const std::string& name, const Knowledge& k) {
  if (!builds_of(k, name).empty()) return Standing::judged;
  if (name == "triton" || name == "pytorch-triton") return Standing::companion;
  auto names_it = [&](std::string_view pin) { return pin.substr(0, pin.find_first_of("=<>!~")) == name; };
  for (auto& row : k.tables().builds)
    if (std::ranges::any_of(row.companions, names_it) || std::ranges::any_of(row.pins, names_it))
      return Standing::companion;
  return is_named_for_gpus(name) || !meant(name, k).empty() ? Standing::suspect : Standing::other;
}

Text not_in_catalogue(const std::string& name, const Knowledge& k) {
  if (auto near = meant(name, k); !near.empty())
    return {"gap.not-in-catalogue-near", {{"name", name}, {"near", near}}};
  return {"gap.not-in-catalogue", {{"name", name}}};
}

}  // namespace cufit::commands
