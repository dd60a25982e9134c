#include "commands/process_target.h"

#include <unistd.h>

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "collect/entry.h"
#include "collect/process.h"
#include "commands/loads.h"
#include "commands/message.h"
#include "commands/progress.h"
#include "model/cuda_library.h"

namespace cufit::commands {

namespace {

/// Programs and libraries among the mapped files, in the order of their addresses; what was removed is a gap.
std::vector<std::string> objects_of(const collect::Process& process, Subject& subject) {
  std::vector<std::string> paths;
  for (auto& file : *process.maps) {
    if (!file.executable) continue;
    if (file.deleted)
      subject.unread.push_back({file.path, {}, {"process.deleted"}});
    else
      paths.push_back(file.path);
  }
  return paths;
}

/// Libraries of CUDA that hold no code for GPUs (libcuda, its stub) say as well what the process asked for.
void keep_cuda_libraries(const std::vector<std::string>& paths, Subject& subject) {
  for (auto& path : paths) {
    bool is_known = std::ranges::any_of(subject.members, [&](auto& m) { return m.bin.path == path; });
    if (is_known || !is_cuda_library(base_name(std::string_view(path)))) continue;
    Member member;
    member.bin.path = path;
    subject.members.push_back(std::move(member));
  }
}

}  // namespace

std::expected<ProcessTarget, Complaint> process_target(const Invocation& invocation,
                                                       const Knowledge& knowledge) {
  std::string given(invocation.value("pid"));
  auto pid = whole_number<uint32_t>(given);
  if (!pid || *pid == 0) return complain({"process.no-number", {{"given", given}}});
  auto process = collect::read_process(*pid);
  if (!process)
    return complain(
        {"process.none", {{"pid", given}, {"error", words_of(process.error(), invocation.lang())}}});
  if (!process->maps) {
    auto* why = std::get_if<Unreadable>(&process->maps.is);
    return complain({"process.closed", {{"pid", given}, {"why", why ? why->why : ""}}},
                    {{geteuid() == 0 ? "process.closed-hint-root" : "process.closed-hint"}});
  }
  auto root = process->root ? *process->root : std::string();
  auto env = process->env ? *process->env : Variables();
  if (!process->env && !invocation.has("quiet"))
    say(Message::note, {"process.no-variables", {{"pid", given}}}, invocation.lang(), invocation.io());

  ProcessTarget target{LookedAt::of_process(root, std::move(env), knowledge), {}, {}};
  auto& s = target.subject;
  auto program = process->exe ? *process->exe : given;
  s.id = "s0";
  s.kind = Subject::Kind::process;
  s.name = std::string(base_name(program)) + " (" + given + ')';
  s.path = program;
  auto paths = objects_of(*process, s);
  if (paths.empty() && s.unread.empty()) return complain({"process.no-files", {{"pid", given}}});
  target.loads = loads_of_maps(program, paths);
  target.loads.subject = s.id;

  collect::Progress progress;
  auto options = reading_options(invocation, progress);
  ProgressLine line(progress, invocation.io(), invocation.lang());
  Targets read;
  std::vector<std::string> here;
  for (auto& path : paths) here.push_back(root + path);
  read_paths(here, options, knowledge, read);
  for (auto& file : read.subjects) {
    s.files_read += file.files_read;
    for (auto& member : file.members) {
      member.bin.path = member.bin.path.substr(root.size());
      if (collect::is_member(member.bin)) s.members.push_back(std::move(member));
    }
  }
  keep_cuda_libraries(paths, s);
  for (auto& gap : read.unread) s.unread.push_back(std::move(gap));
  return target;
}

}  // namespace cufit::commands
