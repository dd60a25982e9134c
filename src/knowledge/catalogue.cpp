#include "knowledge/catalogue.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/number.h"
#include "base/read_once.h"

namespace cufit {

namespace {

const PackageVersion& version_of(std::string_view text) { return read_once<PackageVersion>(text); }

/// The CUDA that a local version names: 11.8 of "cu118torch2.4cxx11abifalse", 12.0 with `major_only` of
/// "cu12torch2.6" and "cuda12.cudnn89".
struct NamedCuda {
  uint32_t major = 0, minor = 0;
  bool major_only = false;
};

std::optional<NamedCuda> cuda_of_local(std::string_view local) {
  if (!local.starts_with("cu")) return std::nullopt;
  local.remove_prefix(local.starts_with("cuda") ? 4 : 2);
  auto digits = local.substr(0, local.find_first_not_of("0123456789"));
  if (digits.size() < 2 || digits.size() > 3) return std::nullopt;
  auto number = [](std::string_view s) { return whole_number<uint32_t>(s).value_or(0); };
  // CUDA 9.2 and older wrote "cu92"; all majors from 10 on have two digits.
  if (digits[0] > '3') return NamedCuda{number(digits.substr(0, 1)), number(digits.substr(1)), false};
  return NamedCuda{number(digits.substr(0, 2)), number(digits.substr(2)), digits.size() == 2};
}

}  // namespace

bool is_for(const BuildRow& row, std::string_view local) {
  auto named = cuda_of_local(local);
  if (!named) return false;
  if (row.cuda)
    return row.cuda->major == named->major && (named->major_only || row.cuda->minor == named->minor);
  return row.cuda_major == std::to_string(named->major);
}

std::vector<std::string> package_names(const Knowledge& k) {
  std::set<std::string> names;
  for (auto& row : k.tables().builds) names.emplace(row.package);
  return {names.begin(), names.end()};
}

std::vector<const BuildRow*> builds_of(const Knowledge& k, std::string_view package) {
  std::vector<const BuildRow*> rows;
  for (auto& row : k.tables().builds)
    if (row.package == package) rows.push_back(&row);
  std::ranges::stable_sort(
      rows, [](auto* a, auto* b) { return version_of(a->version_from) < version_of(b->version_from); });
  return rows;
}

namespace {

template <class Row>
bool is_on_line(const Row& row, const PackageVersion& version) {
  if (version < version_of(row.version_from)) return false;
  if (row.version_to.empty()) return true;
  auto& to = version_of(row.version_to);
  // "2.16" stands for 2.16.2 as well, "2.8.3" not for 2.8.3.post1, and "0.9.0" by itself not for 0.9.0.1.
  bool longer = version.release().size() > to.release().size();
  bool is_line = row.version_to != row.version_from || to.release().size() == 2;
  return version <= to || (longer && is_line && version.begins_with(to));
}

}  // namespace

bool covers(const BuildRow& row, const PackageVersion& version) { return is_on_line(row, version); }
bool covers(const LoadingRow& row, const PackageVersion& version) { return is_on_line(row, version); }

std::vector<const ToolkitRow*> toolkits_of(const Knowledge& k, const BuildRow& row) {
  std::vector<const ToolkitRow*> toolkits;
  auto major = Version::parse(row.cuda_major);
  for (auto& toolkit : k.tables().toolkits)
    if (row.cuda ? toolkit.cuda == *row.cuda
                 : major && toolkit.is_public && toolkit.cuda.major == major->major())
      toolkits.push_back(&toolkit);
  return toolkits;
}

PackageVersion newest_release(const BuildRow& row) {
  for (auto text : {row.version_to, row.newest_read})
    if (!text.empty()) return version_of(text);
  return version_of(row.version_from);
}

std::vector<PackageVersion> named_releases(const BuildRow& row) {
  auto newest = newest_release(row);
  std::vector<PackageVersion> releases = {version_of(row.version_from)};
  auto add = [&](const PackageVersion& version) {
    bool within = covers(row, version) && (version <= newest || version.begins_with(newest));
    if (within && std::ranges::find(releases, version) == releases.end()) releases.push_back(version);
  };
  add(newest);
  for (auto* list : {&row.torch_pins, &row.python_of_releases, &row.glibc_of_releases})
    for (auto item : *list) add(version_of(item.substr(0, item.find(' '))));
  return releases;
}

BuildMatch find_build(const Knowledge& k, std::string_view package, const PackageVersion& version,
                      std::string_view variant) {
  BuildMatch match;
  auto all = builds_of(k, package);
  match.package_known = !all.empty();
  std::vector<const BuildRow*> release;
  for (auto* row : all)
    if (covers(*row, version)) release.push_back(row);
  auto keep = [&](auto&& wanted) {
    std::vector<const BuildRow*> kept;
    std::ranges::copy_if(release, std::back_inserter(kept), wanted);
    return kept;
  };
  if (!version.local().empty()) {
    match.rows = keep([&](auto* r) { return r->local == version.local() || r->label == version.local(); });
    // A line whose builds the catalogue does not tell apart: those of the CUDA that the local version names.
    if (match.rows.empty())
      match.rows = keep([&](auto* r) { return r->local.empty() && is_for(*r, version.local()); });
  } else {
    if (!variant.empty()) match.rows = keep([&](auto* r) { return r->local == variant; });
    if (match.rows.empty()) match.rows = keep([](auto* r) { return r->is_default; });
    if (match.rows.empty()) match.rows = release;
  }
  PackageVersion newest;
  for (auto* row : all) newest = std::max(newest, newest_release(*row));
  match.beyond =
      version > newest && std::ranges::any_of(match.rows, [](auto* r) { return r->version_to.empty(); });
  return match;
}

const TritonRow* find_triton(const Knowledge& k, std::string_view text, bool* beyond) {
  for (auto& row : k.tables().tritons)
    if (row.id == text) return &row;
  auto version = PackageVersion::parse(text);
  if (!version) return nullptr;
  const TritonRow* newest = nullptr;
  PackageVersion newest_version;
  for (auto& row : k.tables().tritons) {
    auto& of_row = version_of(row.id);
    if (of_row == *version) return &row;
    if (newest && of_row <= newest_version) continue;
    newest = &row;
    newest_version = of_row;
  }
  if (!newest || *version < newest_version) return nullptr;
  if (beyond) *beyond = true;
  return newest;
}

const LoadingRow* find_loading(const Knowledge& k, std::string_view package, const PackageVersion& version,
                               bool* beyond) {
  for (auto& row : k.tables().loading) {
    if (row.package != package || !covers(row, version)) continue;
    if (beyond) *beyond = row.version_to.empty() && version > version_of(row.newest_read);
    return &row;
  }
  return nullptr;
}

}  // namespace cufit
