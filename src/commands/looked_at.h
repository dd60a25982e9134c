// A machine that is there, looked at without its driver: this one, one in a folder (--root), a recorded one
// (--machine), or that of a process.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "collect/live_files.h"
#include "commands/invocation.h"
#include "knowledge/knowledge.h"
#include "loader/search.h"
#include "model/report.h"

namespace cufit::commands {

class LookedAt {
 public:
  /// By --machine, --root and --env of the command line. Complains about a recording that cannot be read and
  /// about a root that is no folder.
  static std::expected<LookedAt, Complaint> from(const Invocation&, const Knowledge&);
  /// The same for a process with these variables in this root file system (empty: ours).
  static LookedAt of_process(const std::string& root, Variables env, const Knowledge&);

  /// machine and observed are set; of a recording also subjects. `files` is set by take_files().
  World world;
  std::vector<Gap> unread = {};
  bool recorded = false;

  /// Answers of its file system.
  const Files& files() const { return live_ ? static_cast<const Files&>(*live_) : world.files; }
  LoaderSettings loader_settings() const;
  /// The folder that is its "/"; empty for this machine and for a recording.
  const std::string& root() const { return root_; }
  /// The variables of programs on it: those of this shell, or of the recording, with those of --env.
  const Variables& env() const { return env_; }
  /// A path of this machine, or below the folder that is its "/", as a path of its file system.
  std::string inside(const std::string& path) const;
  /// Keeps in `world` what the loader was told of the files.
  void take_files();

 private:
  void look(const std::string& cwd, const Knowledge&);
  std::string root_;
  Variables env_;
  std::string cwd_;
  std::vector<std::string> preload_file_;
  std::unique_ptr<collect::LiveFiles> live_;
};

/// The machine in a file that `cufit record` wrote; complains about any other file.
std::expected<World, Complaint> recorded_world(const std::string& path, render::Lang lang);

/// --root without the slash at its end; empty: "/" or not given. Complains if it is no folder.
std::expected<std::string, Complaint> root_option(const Invocation&);

}  // namespace cufit::commands
