#include "commands/targets.h"

#include <sys/stat.h>

#include "base/parallel.h"
#include "collect/target.h"
#include "commands/progress.h"

namespace cufit::commands {

namespace {

using Read = Result<std::vector<Subject>>;

bool is_directory(const std::string& path) {
  struct stat st;
  return stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
}

/// Files side by side; directories one after the other, because each uses all cores for itself.
std::vector<Read> read_all(const std::vector<std::string>& paths, const collect::Options& options) {
  std::vector<Read> results(paths.size());
  std::vector<size_t> files;
  for (size_t i = 0; i < paths.size(); i++) {
    if (is_directory(paths[i]))
      results[i] = collect::read_target(paths[i], options);
    else
      files.push_back(i);
  }
  if (files.size() == 1)  // not through parallel_for, so that reading the file can use all cores itself
    results[files[0]] = collect::read_target(paths[files[0]], options);
  else
    parallel_for(files.size(),
                 [&](size_t i) { results[files[i]] = collect::read_target(paths[files[i]], options); });
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
