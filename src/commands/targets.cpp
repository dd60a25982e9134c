#include "commands/targets.h"

#include <sys/stat.h>

#include "base/parallel.h"
#include "collect/target.h"
#include "commands/progress.h"

namespace cufit::commands {

namespace {

using Read = Result<std::vector<Subject>>;

/// What uses all cores for itself: directories, wheels, large libraries.
bool is_large(const std::string& path) {
  constexpr off_t kLarge = 32 << 20;
  struct stat st;
  return stat(path.c_str(), &st) == 0 && (S_ISDIR(st.st_mode) || st.st_size > kLarge);
}

/// Small files side by side, the others one after the other.
std::vector<Read> read_all(const std::vector<std::string>& paths, const collect::Options& options) {
  std::vector<Read> results(paths.size());
  std::vector<size_t> small;
  for (size_t i = 0; i < paths.size(); i++) {
    if (is_large(paths[i]))
      results[i] = collect::read_target(paths[i], options);
    else
      small.push_back(i);
  }
  parallel_for(small.size(),
               [&](size_t i) { results[small[i]] = collect::read_target(paths[small[i]], options); });
  return results;
}

Gap unopened(const std::string& path, const Error& error) {
  return {
      error.file.empty() ? path : error.file, error.offset, {"target.unread", {{"error", error.message}}}};
}

}  // namespace

Targets read_targets(const Invocation& invocation, const Knowledge& knowledge) {
  collect::Progress progress;
  collect::Options options{.pass = invocation.value("pass") == "usual" ? Pass::usual : Pass::full,
                           .progress = &progress};
  ProgressLine line(progress, invocation.io(), invocation.lang());
  Targets targets;
  auto& paths = invocation.operands();
  auto results = read_all(paths, options);
  for (size_t i = 0; i < paths.size(); i++) {
    if (!results[i]) {
      targets.unread.push_back(unopened(paths[i], results[i].error()));
      continue;
    }
    for (auto& subject : *results[i]) {
      subject.id = "s" + std::to_string(targets.subjects.size());
      for (auto& member : subject.members) member.role = knowledge.role_of(member.bin.path);
      targets.subjects.push_back(std::move(subject));
    }
  }
  return targets;
}

std::expected<void, Complaint> some_could_be_read(const Targets& targets) {
  if (!targets.subjects.empty() || targets.unread.empty()) return {};
  auto& gap = targets.unread.front();
  Text what{"target.failed", {{"path", gap.path}, {"error", gap.what.args.at(0).second}}};
  if (targets.unread.size() == 1) return complain(std::move(what));
  return complain(std::move(what),
                  {Text{"target.others", {{"n", std::to_string(targets.unread.size() - 1)}}}});
}

}  // namespace cufit::commands
