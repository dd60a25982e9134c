#include "commands/conflicts.h"

#include <algorithm>

namespace cufit::commands {

namespace {

struct Conflict {
  std::string_view option, other;
  const char* why;  ///< id of a text
};

constexpr Conflict conflicts[] = {
    {"pid", "fleet", "conflict.process"},
    {"pid", "root", "conflict.process"},
    {"pid", "env", "conflict.process"},
    {"pid", "requirement", "conflict.process-alone"},
    {"machine", "platform", "conflict.recorded"},
    {"fix", "why", "conflict.fix"},
    {"fix", "json", "conflict.fix"},
    {"message", "tee", "conflict.message"},
    {"message", "follow", "conflict.message"},
    {"log", "watch", "conflict.watch"},
    {"watch", "machine", "conflict.recorded-driver"},
    {"proof", "machine", "conflict.recorded-driver"},
    {"deadline", "machine", "conflict.recorded-driver"},
    {"proof", "root", "conflict.root-driver"},
    {"deadline", "root", "conflict.root-driver"},
    {"watch", "root", "conflict.root-driver"},
    {"watch", "json", "conflict.watch"},
    {"watch", "fix", "conflict.watch"},
    {"watch", "quiet", "conflict.watch"},
    {"watch", "normal", "conflict.watch"},
};

Complaint not_together(std::string_view option, std::string_view other, const char* why) {
  return {
      {"usage.not-together", {{"option", "--" + std::string(option)}, {"other", "--" + std::string(other)}}},
      {{why}}};
}

/// A process and a fleet have machines of their own.
std::optional<Complaint> two_machines(const Invocation& invocation) {
  for (auto& option : invocation.command().options) {
    if (!option.of_machine || !invocation.has(option.name)) continue;
    if (invocation.has("pid")) return not_together("pid", option.name, "conflict.process");
    if (invocation.has("fleet")) return not_together("fleet", option.name, "conflict.fleet");
  }
  // `check` judges what lies below a root for a recorded machine; else both are the machine that is shown.
  if (invocation.command().name != "check" && invocation.has("machine") && invocation.has("root"))
    return not_together("machine", "root", "conflict.recorded-root");
  return std::nullopt;
}

/// Of the GPU code in files alone no machine and no variable says anything.
std::optional<Complaint> without_libs(const Invocation& invocation) {
  if (invocation.command().name != "inspect" || invocation.has("libs")) return std::nullopt;
  if (invocation.has("env")) return Complaint{{"conflict.needs-libs", {{"option", "--env"}}}};
  if (invocation.has("machine") && !invocation.operands().empty())
    return Complaint{{"conflict.needs-libs", {{"option", "--machine"}}}};
  return std::nullopt;
}

std::optional<Complaint> two_formats(const Invocation& invocation) {
  auto format = invocation.value("format");
  if (format.empty()) return std::nullopt;
  if (invocation.has("json") && format != "json")
    return not_together("json", "format " + std::string(format), "conflict.formats");
  if (invocation.has("fix") && format != "text")
    return not_together("fix", "format " + std::string(format), "conflict.fix");
  return std::nullopt;
}

}  // namespace

std::optional<Complaint> conflict(const Invocation& invocation) {
  if (invocation.command().options.empty()) return std::nullopt;  // --help beside them
  for (auto& [option, other, why] : conflicts)
    if (invocation.has(option) && invocation.has(other)) return not_together(option, other, why);
  if (auto found = two_machines(invocation)) return found;
  if (auto found = without_libs(invocation)) return found;
  return two_formats(invocation);
}

}  // namespace cufit::commands
