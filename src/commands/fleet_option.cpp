#include "commands/fleet_option.h"

#include <algorithm>

#include "base/text.h"
#include "collect/fleet.h"
#include "commands/host_options.h"
#include "commands/machine_options.h"
#include "commands/message.h"
#include "knowledge/gpu_lookup.h"
#include "knowledge/machine_of.h"
#include "render/labels.h"

namespace cufit::commands {

namespace {

using Converted = std::expected<FleetGroup, Text>;

/// Candidates of this compute capability, if the file has it and it tells them apart.
void keep_capable(GpuLookup& found, const std::string& capability) {
  auto sm = Sm::parse(capability);
  auto fits = [&](const GpuCandidate& c) { return c.sm == sm; };
  if (sm && std::ranges::any_of(found.candidates, fits))
    std::erase_if(found.candidates, [&](auto& c) { return !fits(c); });
}

std::expected<Gpu, Text> gpu_of(const std::string& name, const std::string& capability, const Source& given,
                                const Knowledge& k) {
  auto found = find_gpu(k, name);
  keep_capable(found, capability);
  if (found.candidates.size() > 1) {
    std::vector<std::string> names;
    for (auto& c : found.candidates) names.push_back(precise_name(c) + " (" + c.sm.name() + ')');
    return std::unexpected(Text{"fleet.gpu-ambiguous", {{"name", name}, {"candidates", joined(names)}}});
  }
  // A board that no table has, or a slice of one: the labels of nodes name its compute capability.
  if (found.candidates.empty() && !capability.empty()) {
    found = find_gpu(k, capability);
    if (found.candidates.size() == 1) {
      auto gpu = gpu_from(found.candidates[0], given);
      gpu.name = {name, given};
      return gpu;
    }
  }
  if (found.candidates.empty()) {
    if (found.suggestions.empty()) return std::unexpected(Text{"gpu.unknown", {{"name", name}}});
    return std::unexpected(Text{"fleet.gpu-unknown", {{"name", name}, {"names", joined(found.suggestions)}}});
  }
  return gpu_from(found.candidates[0], given);
}

std::expected<void, Text> add_gpus(const collect::FleetEntry& e, const Source& given, Machine& machine,
                                   const Knowledge& k) {
  for (auto& name : e.gpus) {
    auto gpu = gpu_of(name, e.capability, given, k);
    if (!gpu) return std::unexpected(gpu.error());
    if (std::ranges::find(machine.gpus, *gpu) == machine.gpus.end()) machine.gpus.push_back(std::move(*gpu));
  }
  return {};
}

std::expected<void, Text> add_driver(const collect::FleetEntry& e, const Source& given, FleetGroup& group,
                                     const Knowledge& k) {
  auto& machine = group.group.machine;
  if (e.driver.empty() || e.driver == "none" || e.driver == "absent") return {};
  auto range = driver_range(e.driver, machine.driver_platform(), k);
  if (!range) return std::unexpected(range.error().what);
  machine.driver.version = {range->first, given};
  if (!range->last) return {};
  group.driver_up_to = range->last;
  machine.assumed.push_back("first-driver-of-branch");
  return {};
}

using collect::FleetEntry;

std::expected<void, Text> add_facts(const FleetEntry& e, const Source& given, Machine& machine,
                                    const Knowledge& k) {
  if (!e.os.empty() && e.os != "linux" && e.os != "windows")
    return std::unexpected(Text{"fleet.bad-os", {{"os", e.os}}});
  if (e.os == "windows") machine.platform = Machine::Platform::windows;
  machine.wsl = e.wsl;
  machine.env = e.env;
  auto done = add_host(machine, {e.arch, e.glibc, e.python, e.compat}, k, "", &given);
  if (!done) return std::unexpected(done.error().what);
  return {};
}

/// A recording has its facts; only a GPU that it knows by name alone is looked up.
Converted from_recording(const collect::FleetEntry& e, const Knowledge& k) {
  FleetGroup group{{e.name, e.count, *e.machine}};
  auto& machine = group.group.machine;
  if (machine.origin == "given") machine.origin = "recorded";
  auto text = [](const Fact<std::string>& fact) { return fact.get() ? std::string_view(*fact.get()) : ""; };
  const Source recorded{Source::Kind::path, e.where};
  const std::string arch(text(machine.arch)), python(text(machine.python)),
      compat(text(machine.driver.compat));
  if (auto done = add_host(machine, {arch, "", python, compat}, k, "", &recorded); !done)
    return std::unexpected(done.error().what);
  for (auto& gpu : machine.gpus) {
    if (gpu.sm || !gpu.name) continue;
    auto found = gpu_of(*gpu.name, {}, recorded, k);
    if (!found) return std::unexpected(found.error());
    gpu = std::move(*found);
  }
  return group;
}

Converted convert(const collect::FleetEntry& e, const Knowledge& k) {
  if (e.machine) return from_recording(e, k);
  const Source given{Source::Kind::path, e.where};
  FleetGroup group{{e.name, e.count, {}}};
  auto& machine = group.group.machine;
  if (auto done = add_facts(e, given, machine, k); !done) return std::unexpected(done.error());
  if (auto done = add_gpus(e, given, machine, k); !done) return std::unexpected(done.error());
  if (auto done = add_driver(e, given, group, k); !done) return std::unexpected(done.error());
  return group;
}

}  // namespace

std::expected<GivenFleet, Complaint> given_fleet(const Invocation& invocation, const Knowledge& k) {
  std::string path(invocation.value("fleet"));
  auto fleet = collect::read_fleet(path);
  if (!fleet) {
    auto& error = fleet.error();
    auto words = words_of(error, invocation.lang());
    return complain({"target.failed", {{"path", error.file.empty() ? path : error.file}, {"error", words}}},
                    {{"fleet.how"}});
  }
  GivenFleet given{{}, std::move(fleet->unread)};
  for (auto& entry : fleet->entries) {
    auto group = convert(entry, k);
    if (group)
      given.groups.push_back(std::move(*group));
    else
      given.unread.push_back({entry.where, {}, std::move(group.error())});
  }
  if (given.groups.empty()) {
    if (given.unread.empty()) return complain({"fleet.no-gpus", {{"path", path}}});
    return complain({"fleet.nothing", {{"path", path}}}, {given.unread.front().what});
  }
  auto env = given_env(invocation);
  if (!env) return std::unexpected(env.error());
  // What a machine was recorded with nobody chose for this question.
  auto chosen = *env;
  for (auto& group : given.groups) {
    auto& own = group.group.machine.env;
    if (group.group.machine.origin == "given") chosen.insert(own.begin(), own.end());
    for (auto& [name, value] : *env) own[name] = value;
  }
  note_unasked(chosen, invocation);
  if (fleet->without_gpu > 0) given.groups.push_back({{"", fleet->without_gpu, {}}});
  return given;
}

}  // namespace cufit::commands
