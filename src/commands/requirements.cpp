#include "commands/requirements.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "commands/index_map.h"
#include "judge/build_subject.h"
#include "knowledge/near_miss.h"

namespace cufit::commands {

namespace {

/// Larger files are no list of requirements.
constexpr size_t most_bytes = 4u << 20;
constexpr size_t most_files = 64;

PackageVersion newest_allowed(const Specifier& specifier, std::span<const BuildRow* const> rows) {
  PackageVersion best;
  for (auto* row : rows)
    for (auto text : {row->version_from, row->version_to}) {
      auto version = PackageVersion::parse(text);
      if (version && specifier.allows(*version) && (best.release().empty() || best < *version))
        best = *version;
    }
  return best;
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r')) s.remove_suffix(1);
  return s;
}

/// The value of "-r x", "-rx", "--requirement=x", "--requirement x".
std::optional<std::string_view> value_of(std::string_view line, std::string_view letter,
                                         std::string_view word) {
  for (auto option : {letter, word}) {
    if (option.empty() || !line.starts_with(option)) continue;
    auto rest = line.substr(option.size());
    if (option == word && !rest.starts_with('=') && !rest.starts_with(' ')) continue;
    if (rest.starts_with('=')) rest.remove_prefix(1);
    return trimmed(rest);
  }
  return std::nullopt;
}

std::vector<std::string> packages(const Knowledge& k) {
  std::set<std::string> names;
  for (auto& row : k.tables().builds) names.emplace(row.package);
  return {names.begin(), names.end()};
}

/// The package of the catalogue whose name this one is but for a slip; empty if there is none. Short names
/// are near to too many.
std::string meant(const std::string& name, const Knowledge& k) {
  constexpr size_t shortest = 4, long_name = 8;
  if (name.size() < shortest) return {};
  for (auto& package : packages(k))
    if (edit_distance(name, package) <= (name.size() < long_name ? 1 : 2)) return package;
  return {};
}

/// "cudf-cu12", "tensorflow-gpu", "jax-cuda12-pjrt".
bool is_named_for_gpus(std::string_view name) {
  if (name.find("cuda") != name.npos || name.ends_with("-gpu")) return true;
  auto digits = name.find_last_not_of("0123456789");
  return digits != name.npos && digits + 1 < name.size() && name.substr(0, digits + 1).ends_with("-cu");
}

/// Why the catalogue has no build of it.
Text why_unknown(const std::string& name, const PackageVersion& version, bool package_known,
                 const Knowledge& k) {
  auto local = version.local();
  auto is = [&](std::string_view kind) { return package_known && local.starts_with(kind); };
  if (is("cpu")) return {"gap.cpu-build", {{"name", name}}};
  if (is("rocm") || is("xpu"))
    return {"gap.other-gpus", {{"name", name}, {"what", is("rocm") ? "ROCm (AMD)" : "XPU (Intel)"}}};
  if (package_known) return {"gap.release-not-in-catalogue", {{"name", name}}};
  if (auto near = meant(name, k); !near.empty())
    return {"gap.not-in-catalogue-near", {{"name", name}, {"near", near}}};
  return {"gap.not-in-catalogue", {{"name", name}}};
}

class Reader {
 public:
  std::expected<void, Complaint> read(const std::string& path) {
    if (!seen_.insert(path).second) return {};
    std::ifstream in(path, std::ios::binary);
    if (!in || seen_.size() > most_files) return complain({"requirements.unread", {{"path", path}}});
    std::string text(most_bytes, '\0');
    in.read(text.data(), std::streamsize(text.size()));
    text.resize(size_t(in.gcount()));
    if (in) return complain({"requirements.unread", {{"path", path}}});
    size_t number = 0;
    std::string pending;
    for (size_t at = 0; at < text.size();) {
      auto end = std::min(text.find('\n', at), text.size());
      std::string_view line(text.data() + at, end - at);
      at = end + 1;
      number++;
      if (line.ends_with('\r')) line.remove_suffix(1);
      bool goes_on = line.ends_with('\\');
      if (goes_on) line.remove_suffix(1);
      pending += line;
      if (goes_on) continue;
      if (auto done = take(path, number, std::exchange(pending, {})); !done) return done;
    }
    return {};
  }

  RequirementsFile found;

 private:
  std::expected<void, Complaint> take(const std::string& path, size_t number, const std::string& whole) {
    std::string_view line = whole;
    if (auto hash = line.find('#'); hash != line.npos && (hash == 0 || line[hash - 1] == ' '))
      line = line.substr(0, hash);
    line = trimmed(line);
    if (line.empty()) return {};
    if (auto included = value_of(line, "-r", "--requirement")) {
      auto slash = path.rfind('/');
      bool relative = !included->starts_with('/') && slash != path.npos;
      return read(relative ? path.substr(0, slash + 1) + std::string(*included) : std::string(*included));
    }
    for (auto [letter, word] : {std::pair("-i", "--index-url"), std::pair("", "--extra-index-url")})
      if (auto url = value_of(line, letter, word)) {
        if (auto variant = variant_of_index(*url); !variant.empty()) found.variant = variant;
        return {};
      }
    if (line.starts_with('-')) return {};
    if (auto options = line.find(" --"); options != line.npos) line = trimmed(line.substr(0, options));
    if (Requirement::parse(line))
      found.requirements.emplace_back(line);
    else
      found.unread.push_back(
          {path + ':' + std::to_string(number), {}, {"gap.no-requirement", {{"line", std::string(line)}}}});
    return {};
  }

  std::set<std::string> seen_;
};

}  // namespace

bool is_requirement(const std::string& operand, const Knowledge& k) {
  auto requirement = Requirement::parse(operand);
  if (!requirement || operand.find('/') != operand.npos) return false;
  return !requirement->specifier.text().empty() || !builds_of(k, requirement->name).empty();
}

std::vector<Subject> subjects_of_requirement(const std::string& text, const std::string& variant,
                                             const Knowledge& k) {
  auto requirement = *Requirement::parse(text);
  auto rows = builds_of(k, requirement.name);
  auto exact = requirement.specifier.exactly();
  auto version = exact ? *exact : newest_allowed(requirement.specifier, rows);
  auto asked = version.text() + (version.local().empty() ? "" : '+' + version.local());
  bool known = !rows.empty();
  auto unknown = [&](const std::string& text) {
    return std::vector{
        unknown_build(requirement.name, text, why_unknown(requirement.name, version, known, k))};
  };
  if (!known || version.release().empty()) return unknown(exact ? asked : std::string());
  auto match = find_build(k, requirement.name, version, variant);
  if (match.rows.empty()) return unknown(asked);
  std::vector<Subject> subjects;
  std::vector<const BuildRow*> variants;
  for (auto* row : match.rows) {
    if (row->is_variant)
      variants.push_back(row);
    else
      subjects.push_back(subject_of_build(k, std::span(&row, 1), version, {}, match.beyond));
  }
  if (!variants.empty()) subjects.push_back(subject_of_build(k, variants, version, {}, match.beyond));
  return subjects;
}

Standing standing_of(const std::string& name, const Knowledge& k) {
  if (!builds_of(k, name).empty()) return Standing::judged;
  if (name == "triton" || name == "pytorch-triton") return Standing::companion;
  auto names_it = [&](std::string_view pin) { return pin.substr(0, pin.find_first_of("=<>!~")) == name; };
  for (auto& row : k.tables().builds)
    if (std::ranges::any_of(row.companions, names_it) || std::ranges::any_of(row.pins, names_it))
      return Standing::companion;
  return is_named_for_gpus(name) || !meant(name, k).empty() ? Standing::suspect : Standing::other;
}

std::expected<RequirementsFile, Complaint> read_requirements(const std::string& path) {
  Reader reader;
  if (auto done = reader.read(path); !done) return std::unexpected(done.error());
  return std::move(reader.found);
}

}  // namespace cufit::commands
