#include "judge/log_conditions.h"

#include <algorithm>

#include "base/number.h"
#include "judge/log_memory.h"

namespace cufit {

namespace {

struct Asked {
  const Sighting& sighting;
  const Log& log;
  const LogFacts& facts;
  const Knowledge& k;
};

bool is_kind(const Asked& a, std::initializer_list<MemoryKind> kinds) {
  auto kind = memory_kind(memory_figures(a.sighting));
  return std::ranges::find(kinds, kind) != kinds.end();
}

bool captured_is(const Asked& a, std::string_view name, std::string_view value) {
  auto* captured = a.sighting.captured(name);
  return captured && *captured == value;
}

/// Is the driver that the log tells of too old for the CUDA that it tells of? Nothing if it does not say
/// both.
std::optional<bool> driver_is_too_old(const Asked& a) {
  if (!a.facts.toolkit) return std::nullopt;
  if (a.facts.driver)
    if (auto floor = a.k.toolkit_floor(*a.facts.toolkit, Machine::Platform::linux);
        floor && !floor->driver.empty())
      return *a.facts.driver < floor->driver.version();
  if (a.facts.driver_cuda) return a.facts.driver_cuda->major < a.facts.toolkit->major;
  return std::nullopt;
}

/// The CUDA major of the library that a message names: 11 of "libcudart.so.11.0".
std::optional<uint32_t> major_of_library(const Asked& a) {
  auto* version = a.sighting.captured("major");
  if (!version) return std::nullopt;
  auto v = Version::parse(digits_and_dots(*version));
  return v ? std::optional(v->major()) : std::nullopt;
}

bool holds(std::string_view condition, const Asked& a) {
  if (condition == "oom-real")
    return is_kind(a, {MemoryKind::real, MemoryKind::impossible, MemoryKind::own_limit, MemoryKind::odd});
  if (condition == "oom-fragmentation") return is_kind(a, {MemoryKind::fragmentation});
  if (condition == "oom-other-process") return is_kind(a, {MemoryKind::other_process});
  if (condition == "found-version-zero") return captured_is(a, "driver_api", "0");
  if (condition == "count-zero") return captured_is(a, "count", "0");
  if (condition == "major-12") return major_of_library(a) == 12u;
  if (condition == "driver-below-toolkit") return driver_is_too_old(a) == true;
  if (condition == "driver-fits-toolkit") return driver_is_too_old(a) == false;
  if (condition == "gpu-below-build") return relation_of(a.facts) == ArchRelation::below;
  if (condition == "gpu-above-build") return relation_of(a.facts) == ArchRelation::above;
  if (condition == "gpu-in-build") return relation_of(a.facts) == ArchRelation::within;
  if (condition == "old-gpu") return a.facts.sm && a.facts.sm->major < 7;
  if (condition == "other-major-in-log" || condition == "same-major-in-log") {
    auto major = major_of_library(a);
    if (!major || !a.facts.toolkit) return false;
    return (*major == a.facts.toolkit->major) == (condition == "same-major-in-log");
  }
  if (condition == "named-elsewhere")
    return std::ranges::any_of(a.log.sightings, [&](auto& s) {
      return s.line == a.sighting.line && s.message != a.sighting.message;
    });
  return a.log.has(condition);
}

}  // namespace

bool applies(const MessageCause& cause, const Sighting& s, const Log& log, const LogFacts& facts,
             const Knowledge& k) {
  Asked asked{s, log, facts, k};
  return std::ranges::all_of(cause.when, [&](auto id) { return holds(id, asked); }) &&
         std::ranges::none_of(cause.unless, [&](auto id) { return holds(id, asked); });
}

}  // namespace cufit
