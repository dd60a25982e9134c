// cufit record: this machine as a file that every command takes as --machine.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/number.h"
#include "base/text.h"
#include "collect/fleet.h"
#include "collect/machine_environments.h"
#include "collect/target.h"
#include "commands/driver_question.h"
#include "commands/knowledge_option.h"
#include "commands/loads.h"
#include "commands/looked_at.h"
#include "commands/message.h"
#include "commands/progress.h"
#include "commands/targets.h"
#include "model/json_numbers.h"
#include "model/recording.h"
#include "model/redact.h"
#include "render/phrase.h"

namespace cufit::commands {

namespace {

/// The environments to record: those named, else those that use GPUs.
std::vector<std::string> to_record(const Invocation& invocation, const LookedAt& looked) {
  auto& named = invocation.operands();
  if (!named.empty()) return {named.begin(), named.end()};
  std::vector<std::string> paths;
  for (auto& e : looked.world.observed->environments)
    if (!e.frameworks.empty()) paths.push_back(looked.root() + e.root);
  return paths;
}

/// Environments that were named lie anywhere: the screen of the recording shows them with those of the usual
/// places.
void list_environments(LookedAt& looked) {
  auto& listed = looked.world.observed->environments;
  for (auto& s : looked.world.subjects) {
    bool is_listed = std::ranges::find(listed, s.environment, &FoundEnvironment::root) != listed.end();
    if (s.environment.empty() || is_listed) continue;
    auto found = collect::environment_at(collect::Root(looked.root()), looked.inside(s.environment));
    if (!found) continue;
    found->root = s.environment;
    listed.push_back(std::move(*found));
  }
}

/// The people of a root file system by its /etc/passwd, and the name of its machine.
Private private_of_root(const std::string& root) {
  constexpr uint64_t most = 1 << 20, first_person = 1000, nobody = 65534;
  Private names;
  if (auto host = collect::read_text(root + "/etc/hostname", most))
    if (auto name = trimmed(std::string_view(*host), " \t\n"); !name.empty()) names.hosts.emplace_back(name);
  auto passwd = collect::read_text(root + "/etc/passwd", most);
  if (!passwd) return names;
  for (auto line : split(*passwd, '\n')) {
    auto fields = split(line, ':');
    if (fields.size() < 6) continue;
    auto uid = whole_number<uint64_t>(fields[2]);
    if (!uid || *uid < first_person || *uid >= nobody) continue;
    names.users.emplace_back(fields[0]);
    // The folder of a person can be called otherwise.
    if (auto home = trimmed(fields[5], "/"); home.contains('/')) names.users.emplace_back(base_name(home));
  }
  return names;
}

Private private_of(const Invocation& invocation, const std::string& root) {
  auto names = private_of_root(root);
  for (auto* variable : {"USER", "LOGNAME", "SUDO_USER"})
    if (auto name = invocation.io().env(variable); !name.empty()) names.users.push_back(name);
  // Of a machine in a folder this one's name and variables say nothing.
  if (!root.empty()) return names;
  names.env = invocation.io().variables();
  char host[256] = {};
  if (gethostname(host, sizeof host - 1) == 0 && *host) names.hosts.emplace_back(host);
  return names;
}

/// Zero, or the number of the error.
int write_to(const std::string& path, const std::string& text, std::ios::openmode mode) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | mode);
  file << text;
  file.flush();
  return file ? 0 : errno ? errno : EIO;
}

/// A file is written beside itself and renamed, so that no reader meets half of it. Devices and pipes are
/// written to: whoever names one wants it to stay. Links lead to what is replaced. Zero, or the number of the
/// error.
int write_whole(const std::string& given, const std::string& text) {
  struct stat st;
  bool there = stat(given.c_str(), &st) == 0;
  if (there && !S_ISREG(st.st_mode)) return write_to(given, text, std::ios::app);
  if (there && access(given.c_str(), W_OK) != 0) return errno;
  std::error_code ec;
  auto path = there ? std::filesystem::canonical(given, ec).string() : given;
  if (ec) return ec.value();
  auto part = path + ".part";
  int error = write_to(part, text, std::ios::trunc);
  if (!error && rename(part.c_str(), path.c_str()) != 0) error = errno;
  if (error) unlink(part.c_str());
  return error;
}

Text why_not_written(int error) {
  if (error == ENOENT || error == ENOTDIR) return {"write.no-folder"};
  if (error == EACCES || error == EPERM || error == EROFS) return {"write.denied"};
  if (error == EISDIR) return {"write.folder"};
  return {"text.literal", {{"value", std::generic_category().message(error)}}};
}

}  // namespace

Outcome record(const Invocation& invocation) {
  auto knowledge = knowledge_for(invocation);
  if (!knowledge) return std::unexpected(knowledge.error());
  // The driver only if it is asked for: a recording is made of files.
  std::optional<DriverQuestion> question;
  if (invocation.has("proof")) {
    auto begun = DriverQuestion::begin(invocation);
    if (!begun) return std::unexpected(begun.error());
    question = std::move(*begun);
  }
  auto looked = LookedAt::from(invocation, *knowledge);
  if (!looked) return std::unexpected(looked.error());
  Targets targets;
  {
    collect::Progress progress;
    auto options = reading_options(invocation, progress);
    options.system = looked->root();
    ProgressLine line(progress, invocation.io(), invocation.lang());
    read_paths(to_record(invocation, *looked), options, *knowledge, targets);
  }
  for (auto& gap : targets.unread)
    say(Message::note,
        {"record.unread", {{"path", gap.path}, {"error", render::phrase(gap.what, invocation.lang())}}},
        invocation.lang(), invocation.io());
  looked->world.loads = loads_of_subjects(targets.subjects, *looked, *knowledge);
  if (question) looked->world.probed = question->finish(targets.subjects, looked->world.machine, *knowledge);
  looked->world.subjects = std::move(targets.subjects);
  looked->take_files();
  strip_root(looked->world.subjects, looked->root());
  list_environments(*looked);
  bool redacted = !invocation.has("no-redact");
  Recording recording{std::move(looked->world), CUFIT_VERSION, std::string(knowledge->date()), redacted};
  if (redacted) recording.world = redact(std::move(recording.world), private_of(invocation, looked->root()));
  auto text = recording_of(recording);
  auto path = std::string(invocation.value("output"));
  // What was named and could not be read is not in the file.
  int exit = targets.unread.empty() || invocation.operands().empty() ? 0 : 2;
  if (path.empty() || path == "-") return Output{text, exit};
  if (int error = write_whole(path, text)) {
    auto why = render::phrase(why_not_written(error), invocation.lang());
    return complain({"record.not-written", {{"path", path}, {"error", why}}});
  }
  if (!invocation.has("quiet"))
    say(Message::note, {redacted ? "record.written-redacted" : "record.written-plain", {{"path", path}}},
        invocation.lang(), invocation.io());
  return Output{"", exit};
}

}  // namespace cufit::commands
