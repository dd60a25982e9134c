#include "judge/log_machine.h"

#include <algorithm>
#include <array>

#include "judge/as_seen.h"
#include "judge/build_subject.h"
#include "knowledge/catalogue.h"
#include "knowledge/machine_of.h"

namespace cufit {

namespace {

/// Why a log is not of this machine; empty: nothing speaks against it.
Text other_machine(const World& world, const LogFacts& facts) {
  auto& m = world.machine;
  if (m.gpus.empty() && !m.driver.version && !m.wsl) return {"explain.machine-without-gpu"};
  if (facts.driver && m.driver.version && *facts.driver != *m.driver.version)
    return {"explain.machine-other-driver",
            {{"log", facts.driver->text()}, {"here", m.driver.version->text()}}};
  auto is_sm = [&](auto& gpu) { return !gpu.sm || *gpu.sm == *facts.sm; };
  if (facts.sm && !m.gpus.empty() && std::ranges::none_of(m.gpus, is_sm)) {
    auto* here = m.gpus.front().sm.get();
    return {"explain.machine-other-gpu",
            {{"log", facts.sm->dotted()}, {"here", here ? here->dotted() : "?"}}};
  }
  return {};
}

/// What the machine tells where the log does not.
void complete(LogFacts& facts, const Machine& m, const Knowledge& k) {
  if (!facts.driver && !facts.driver_cuda && m.driver.version) {
    facts.driver = *m.driver.version;
    facts.driver_cuda = k.driver_cuda(*facts.driver, m.driver_platform()).cuda;
  }
  if (!facts.sm && m.gpus.size() == 1 && m.gpus.front().sm) facts.sm = *m.gpus.front().sm;
}

}  // namespace

LogMachine::LogMachine(const World* machine, bool named, LogFacts& facts, const Knowledge& k) {
  if (!machine) return;
  why_not_ = other_machine(*machine, facts);
  if (!named && !why_not_.empty()) return;
  complete(facts, machine->machine, k);
  judged_ = judge_as_seen(*machine, k);
  judged_->observed = machine->observed;
}

const Finding* LogMachine::shows(std::string_view cause) const {
  if (!judged_) return nullptr;
  for (auto& f : judged_->findings)
    if ((f.cause == cause && f.is_of_machine()) || std::ranges::find(f.folds, cause) != f.folds.end())
      return &f;
  return nullptr;
}

bool LogMachine::refutes(const CauseRow& row) const {
  // Those that a machine shows whatever is to run on it.
  constexpr std::array<std::string_view, 22> of_machine = {"cuda-visible-devices-bad",
                                                           "container-lost-gpu-cgroup",
                                                           "container-without-gpu",
                                                           "device-permission",
                                                           "dkms-module-not-built",
                                                           "fabric-manager-down",
                                                           "forward-compat-mismatch",
                                                           "forward-compat-unsupported",
                                                           "foreign-libcuda-loaded",
                                                           "gpu-open-vs-proprietary-module",
                                                           "kernel-module-not-loaded",
                                                           "legacy-gpu-dropped-by-driver",
                                                           "driver-older-than-gpu",
                                                           "libcuda-not-found",
                                                           "nouveau-conflict",
                                                           "nvidia-uvm-missing",
                                                           "nvml-driver-library-mismatch",
                                                           "nvml-missing",
                                                           "ptx-jit-missing",
                                                           "stub-libcuda-loaded",
                                                           "wsl-driver-in-guest",
                                                           "wsl-libcuda"};
  return judged_ && judged_->observed && std::ranges::find(of_machine, row.id) != of_machine.end() &&
         !shows(row.id);
}

std::optional<World> world_of(const LogFacts& facts, const Knowledge& k) {
  auto version = PackageVersion::parse(facts.torch);
  if (!version || (facts.gpus.empty() && !facts.sm)) return std::nullopt;
  auto match = find_build(k, "torch", *version);
  if (match.rows.empty()) return std::nullopt;
  World world;
  Source from{Source::Kind::log, "log"};
  auto gpu = facts.gpus.empty() ? Gpu{} : gpu_named(facts.gpus.front(), from, k);
  if (!gpu.sm && facts.sm) gpu.sm = {*facts.sm, from};
  if (!gpu.sm) return std::nullopt;
  gpu.id = "gpu0";
  world.machine.gpus = {gpu};
  if (facts.driver) world.machine.driver.version = {*facts.driver, from};
  std::span rows = match.rows;
  if (!rows.front()->is_variant) rows = rows.first(1);
  world.subjects = {subject_of_build(k, rows, *version, {}, match.beyond)};
  return world;
}

}  // namespace cufit
