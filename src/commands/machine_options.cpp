#include "commands/machine_options.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "commands/host_options.h"
#include "commands/message.h"
#include "knowledge/gpu_lookup.h"
#include "knowledge/machine_of.h"
#include "knowledge/near_miss.h"
#include "model/variables.h"
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

/// GPUs of AMD and Intel by the names that they are known by.
bool is_of_others(std::string_view name) {
  auto low = lower(name);
  for (std::string_view word : {"amd", "radeon", "instinct", "intel", "arc ", "gaudi", "rx "})
    if (low.starts_with(word)) return true;
  return low.starts_with("mi") && low.size() > 3 && std::isdigit(static_cast<unsigned char>(low[2]));
}

Complaint unknown_gpu(const std::string& name, const GpuLookup& found) {
  Complaint c{{"gpu.unknown", {{"name", name}}}, {}};
  if (!found.suggestions.empty() && !is_of_others(name))
    c.hints.push_back({"usage.did-you-mean", {{"names", joined(found.suggestions)}}});
  c.hints.push_back({is_of_others(name) ? "gpu.of-others" : "gpu.by-capability"});
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
  if (driver.empty()) return {};
  given.machine.driver = {};
  if (driver == "none" || driver == "absent") return {};
  auto range = driver_range(driver, given.machine.driver_platform(), knowledge);
  if (!range) return std::unexpected(range.error());
  set_driver(given.machine, range->first);
  if (!range->last) return {};
  given.driver_up_to = range->last;
  given.machine.assumed.push_back("first-driver-of-branch");
  return {};
}

Version version_of(const std::string& text) { return Version::parse(text).value_or(Version()); }

/// A number that no driver has: far beyond those that are known, or one of Windows on Linux.
std::optional<Complaint> impossible_branch(const Version& version, const std::string& given, bool windows,
                                           const Knowledge& k) {
  constexpr uint32_t kAhead = 200;  // five years of branches
  auto drivers = k.tables().drivers;
  if (!drivers.empty() && version.major() > drivers.back().number + kAhead)
    return Complaint{{"driver.beyond", {{"given", given}, {"newest", std::string(drivers.back().id)}}},
                     {{"driver.how"}}};
  auto is_of = [&](Machine::Platform platform) { return k.branch_of(version, platform).in_table; };
  if (!windows && !is_of(Machine::Platform::linux) && is_of(Machine::Platform::windows))
    return Complaint{{"driver.not-linux", {{"given", given}}}, {{"driver.say-windows"}}};
  return std::nullopt;
}

}  // namespace

std::string precise_name(const GpuCandidate& candidate) {
  return candidate.chips.size() == 1 ? std::string(candidate.chips[0]->id) : candidate.sm.name();
}

std::expected<DriverRange, Complaint> driver_range(std::string_view given, Machine::Platform platform,
                                                   const Knowledge& knowledge) {
  bool windows = platform == Machine::Platform::windows;
  const std::string as_given(given);
  if (given.starts_with('R') || given.starts_with('r')) given.remove_prefix(1);
  auto version = Version::parse(given);
  // "12.4" is a CUDA version: drivers of CUDA 9, the oldest in question, begin with 384.
  constexpr uint32_t kLeast = 100;
  if (!version || version->size() > 3 || version->major() < kLeast)
    return complain({"driver.bad", {{"given", as_given}}}, {{"driver.how"}});
  if (auto wrong = impossible_branch(*version, as_given, windows, knowledge)) return std::unexpected(*wrong);
  if (windows && version->size() > 2)
    return complain({"driver.not-windows", {{"given", as_given}}}, {{"driver.say-linux"}});
  auto text = version->text();
  if (version->size() > 2 || (version->size() == 2 && windows)) return DriverRange{*version, {}};
  if (version->size() == 2) return DriverRange{*version, version_of(text + ".99")};
  auto* row = knowledge.driver_branch(text);
  if (!row) return DriverRange{*version, version_of(text + ".999")};
  auto last = windows ? row->last_known_windows_version : row->last_known_version;
  return DriverRange{windows ? version_of(text + ".0") : row->first_version.version(),
                     last.empty() ? version_of(text + ".999") : last.version()};
}

std::expected<Variables, Complaint> given_env(const Invocation& invocation) {
  Variables env;
  for (auto& given : invocation.values("env")) {
    auto equals = given.find('=');
    if (equals == 0 || equals == given.npos) return complain({"env.bad", {{"given", given}}});
    env[given.substr(0, equals)] = given.substr(equals + 1);
  }
  return env;
}

void note_unasked(const Variables& env, const Invocation& invocation) {
  if (invocation.has("quiet")) return;
  // On a machine that is looked at or was recorded they say which libraries programs get.
  bool described = invocation.has("gpu") || invocation.has("fleet");
  auto judged = variables_of(VariableUse::judged);
  std::vector<std::string> known(judged.begin(), judged.end());
  for (auto& [name, value] : env) {
    if (use_of_variable(name) >= (described ? VariableUse::judged : VariableUse::machine)) continue;
    auto near = near_misses(name, known);
    Text text{"env.unasked", {{"name", name}}};
    if (!near.empty() && edit_distance(name, near[0]) <= 2)
      text = {"env.unasked-near", {{"name", name}, {"near", near[0]}}};
    else if (name == "LD_LIBRARY_PATH" && value.find("compat") != value.npos)
      text = {"env.compat-path"};
    say(Message::note, text, invocation.lang(), invocation.io());
  }
}

void set_driver(Machine& machine, const Version& version) {
  machine.driver = {{version, {Source::Kind::arg, "--driver"}}, {}, {}};  // judge fills in its CUDA version
}

std::expected<GivenMachine, Complaint> given_machine(const Invocation& invocation, const Knowledge& knowledge,
                                                     Machine base) {
  GivenMachine given{std::move(base), {}};
  if (invocation.value("platform") == "windows") given.machine.platform = Machine::Platform::windows;
  if (invocation.has("platform")) given.machine.wsl = invocation.value("platform") == "wsl";
  if (invocation.has("gpu")) given.machine.gpus.clear();
  for (auto& list : invocation.values("gpu"))
    if (auto done = add_gpus(given.machine, list, knowledge); !done) return std::unexpected(done.error());
  for (size_t i = 0; i < given.machine.gpus.size(); i++) given.machine.gpus[i].id = "gpu" + std::to_string(i);
  if (auto done = add_driver(given, invocation.value("driver"), knowledge); !done)
    return std::unexpected(done.error());
  if (auto done = add_host_options(given.machine, invocation, knowledge); !done)
    return std::unexpected(done.error());
  auto env = given_env(invocation);
  if (!env) return std::unexpected(env.error());
  note_unasked(*env, invocation);
  for (auto& [name, value] : *env) given.machine.env[name] = value;
  return given;
}

}  // namespace cufit::commands
