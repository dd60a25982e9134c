// cufit diff: what differs between two recorded machines, and which difference decides.
#include "collect/fleet.h"
#include "commands/knowledge_option.h"
#include "judge/difference.h"
#include "judge/judge.h"
#include "model/recording.h"
#include "render/render.h"

namespace cufit::commands {

namespace {

std::expected<World, Complaint> world_of(const std::string& path) {
  auto error = [&](const Error& e) {
    return complain({"machine-file.bad", {{"path", path}, {"error", e.message}}});
  };
  auto text = collect::read_text(path, largest_recording);
  if (!text) return error(text.error());
  auto recording = world_from_recording(*text);
  if (!recording) return error(recording.error());
  return std::move(recording->world);
}

}  // namespace

Outcome diff(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  auto a = world_of(invocation.operands()[0]);
  if (!a) return std::unexpected(a.error());
  auto b = world_of(invocation.operands()[1]);
  if (!b) return std::unexpected(b.error());
  // The report is about the second: what it comes to, and by which difference from the first.
  auto report = judge(*b, *knowledge);
  report.command = "diff";
  report.observed = b->observed;
  report.differences = differences(*a, *b, *knowledge);
  return Output{invocation.json() ? render::to_json(report, invocation.lang())
                                  : render::to_text(report, invocation.render_options()),
                report.differences.empty() ? 0 : 1};
}

}  // namespace cufit::commands
