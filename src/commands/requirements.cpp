#include "commands/requirements.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "commands/index_map.h"
#include "judge/build_subject.h"

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
  if (rows.empty() || version.release().empty())
    return {unknown_build(requirement.name, exact ? asked : std::string(), !rows.empty())};
  auto match = find_build(k, requirement.name, version, variant);
  if (match.rows.empty()) return {unknown_build(requirement.name, asked, true)};
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

std::expected<RequirementsFile, Complaint> read_requirements(const std::string& path) {
  Reader reader;
  if (auto done = reader.read(path); !done) return std::unexpected(done.error());
  return std::move(reader.found);
}

}  // namespace cufit::commands
