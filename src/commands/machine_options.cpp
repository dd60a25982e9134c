#include "commands/machine_options.h"

#include <algorithm>

#include "commands/host_options.h"
#include "knowledge/gpu_lookup.h"
#include "render/labels.h"

namespace cufit::commands {

namespace {

using Done = std::expected<void, Complaint>;

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  for (size_t from = 0;;) {
    auto comma = list.find(',', from);
    items.emplace_back(list.substr(from, comma == list.npos ? list.npos : comma - from));
    if (comma == list.npos) return items;
    from = comma + 1;
  }
}

Complaint unknown_gpu(const std::string& name, const GpuLookup& found) {
  Complaint c{{"gpu.unknown", {{"name", name}}}, {}};
  if (!found.suggestions.empty())
    c.hints.push_back({"usage.did-you-mean", {{"names", render::joined(found.suggestions)}}});
  c.hints.push_back({"gpu.by-capability"});
  return c;
}

Complaint ambiguous_gpu(const std::string& name, const GpuLookup& found) {
  Complaint c{{"gpu.ambiguous", {{"name", name}}}, {}};
  for (auto& candidate : found.candidates)
    c.hints.push_back({"gpu.candidate",
                       {{"arg", "--gpu " + precise_name(candidate)},
                        {"name", candidate.name},
                        {"sm", candidate.sm.name()}}});
  return c;
}

Done add_gpus(Machine& machine, std::string_view list, const Knowledge& knowledge) {
  for (auto& name : split(list)) {
    if (name.find_first_not_of(' ') == name.npos)
      return complain({"gpu.empty", {{"list", std::string(list)}}});
    auto found = find_gpu(knowledge, name);
    if (found.candidates.empty()) return std::unexpected(unknown_gpu(name, found));
    if (found.candidates.size() > 1) return std::unexpected(ambiguous_gpu(name, found));
    auto gpu = gpu_from(found.candidates[0], {Source::Kind::arg, "--gpu"});
    if (std::ranges::find(machine.gpus, gpu) == machine.gpus.end()) machine.gpus.push_back(gpu);
  }
  return {};
}

Done add_driver(GivenMachine& given, std::string_view driver, const Knowledge& knowledge) {
  if (driver.empty() || driver == "none" || driver == "absent") return {};
  auto range = driver_range(driver, given.machine.driver_platform(), knowledge);
  if (!range) return complain({"driver.bad", {{"given", std::string(driver)}}}, {{"driver.how"}});
  set_driver(given.machine, range->first);
  if (!range->last) return {};
  given.driver_up_to = range->last;
  given.machine.assumed.push_back("first-driver-of-branch");
  return {};
}

Version version_of(const std::string& text) { return Version::parse(text).value_or(Version()); }

Source knowledge_of(const GpuCandidate& candidate) {
  if (auto* board = candidate.board()) return {Source::Kind::knowledge, "gpu/" + std::string(board->id)};
  return {Source::Kind::knowledge, "chip/" + std::string(candidate.chips.at(0)->id)};
}

}  // namespace

std::string precise_name(const GpuCandidate& candidate) {
  return candidate.chips.size() == 1 ? std::string(candidate.chips[0]->id) : candidate.sm.name();
}

Gpu gpu_from(const GpuCandidate& candidate, const Source& given) {
  Gpu gpu;
  bool only_capability = candidate.boards.empty() && !candidate.chip;
  gpu.sm = {candidate.sm, only_capability ? given : knowledge_of(candidate)};
  if (only_capability) return gpu;
  gpu.name = {candidate.name, given};
  if (candidate.chip) gpu.chip = {std::string(candidate.chip->id), knowledge_of(candidate)};
  if (auto* board = candidate.board()) gpu.board = {std::string(board->id), knowledge_of(candidate)};
  return gpu;
}

std::optional<DriverRange> driver_range(std::string_view given, Machine::Platform platform,
                                        const Knowledge& knowledge) {
  bool windows = platform == Machine::Platform::windows;
  if (given.starts_with('R') || given.starts_with('r')) given.remove_prefix(1);
  auto version = Version::parse(given);
  // "12.4" is a CUDA version: drivers of CUDA 9, the oldest in question, begin with 384.
  constexpr uint32_t kLeast = 100, kMost = 9999;
  if (!version || version->size() > 4 || version->major() < kLeast || version->major() > kMost)
    return std::nullopt;
  auto text = version->text();
  if (version->size() > 2 || (version->size() == 2 && windows)) return DriverRange{*version, {}};
  if (version->size() == 2) return DriverRange{*version, version_of(text + ".99")};
  auto* row = knowledge.driver_branch(text);
  if (!row) return DriverRange{*version, version_of(text + ".999")};
  auto last = windows ? row->last_known_windows_version : row->last_known_version;
  return DriverRange{windows ? version_of(text + ".0") : row->first_version.version(),
                     last.empty() ? version_of(text + ".999") : last.version()};
}

Done add_env(Machine& machine, const std::string& given) {
  auto equals = given.find('=');
  if (equals == 0 || equals == given.npos) return complain({"env.bad", {{"given", given}}});
  machine.env[given.substr(0, equals)] = given.substr(equals + 1);
  return {};
}

void set_driver(Machine& machine, const Version& version) {
  machine.driver = {{version, {Source::Kind::arg, "--driver"}}, {}, {}};  // judge fills in its CUDA version
}

std::expected<GivenMachine, Complaint> given_machine(const Invocation& invocation,
                                                     const Knowledge& knowledge) {
  GivenMachine given;
  if (invocation.value("platform") == "windows") given.machine.platform = Machine::Platform::windows;
  given.machine.wsl = invocation.value("platform") == "wsl";
  if (!invocation.has("gpu")) return complain({"gpu.missing"}, {{"gpu.missing-hint"}});
  for (auto& list : invocation.values("gpu"))
    if (auto done = add_gpus(given.machine, list, knowledge); !done) return std::unexpected(done.error());
  for (size_t i = 0; i < given.machine.gpus.size(); i++) given.machine.gpus[i].id = "gpu" + std::to_string(i);
  if (auto done = add_driver(given, invocation.value("driver"), knowledge); !done)
    return std::unexpected(done.error());
  if (auto done = add_host_options(given.machine, invocation, knowledge); !done)
    return std::unexpected(done.error());
  for (auto& variable : invocation.values("env"))
    if (auto done = add_env(given.machine, variable); !done) return std::unexpected(done.error());
  return given;
}

}  // namespace cufit::commands
