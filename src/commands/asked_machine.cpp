#include "commands/asked_machine.h"

#include <algorithm>
#include <array>

namespace cufit::commands {

namespace {

/// Options that give the machine another driver or other hardware.
bool changes_driver(const Invocation& invocation) {
  static constexpr std::array<std::string_view, 4> options = {"gpu", "driver", "driver-cuda", "compat"};
  return std::ranges::any_of(options, [&](auto o) { return invocation.has(o); });
}

}  // namespace

World AskedMachine::world(std::vector<Subject> subjects) const {
  World w;
  w.machine = given.machine;
  w.subjects = std::move(subjects);
  if (looked) w.files = looked->world.files;
  if (as_seen) w.observed = looked->world.observed;
  return w;
}

std::expected<AskedMachine, Complaint> asked_machine(const Invocation& invocation,
                                                     const Knowledge& knowledge) {
  AskedMachine asked;
  Machine base;
  if (invocation.has("machine") || !invocation.has("gpu")) {
    if (invocation.has("platform")) return complain({"gpu.missing"}, {{"gpu.missing-hint"}});
    auto looked = LookedAt::from(invocation, knowledge);
    if (!looked) return std::unexpected(looked.error());
    base = looked->world.machine;
    asked.looked = std::move(*looked);
    asked.as_seen = asked.looked->world.observed && !changes_driver(invocation);
  }
  auto given = given_machine(invocation, knowledge, std::move(base));
  if (!given) return std::unexpected(given.error());
  asked.given = std::move(*given);
  if (!asked.as_seen && asked.given.machine.gpus.empty())
    return complain({"gpu.none-seen"}, {{"gpu.missing-hint"}});
  return asked;
}

}  // namespace cufit::commands
