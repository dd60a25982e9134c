// Targets of the command line -> subjects of a report.
#pragma once

#include <expected>
#include <span>
#include <utility>
#include <vector>

#include "collect/options.h"
#include "commands/invocation.h"
#include "knowledge/knowledge.h"
#include "model/machine.h"
#include "model/subject.h"

namespace cufit::commands {

struct Targets {
  std::vector<Subject> subjects;  ///< with ids, in the order of the command line, roles set
  std::vector<Gap> unread;        ///< targets that could not be opened
  std::vector<std::pair<SubjectId, std::vector<Text>>> notes;  ///< how builds were chosen
  std::vector<Text> hints;                                     ///< what may have been meant by those
};

/// Reads all operands, as far as they can be read, with the pass that --pass asks for; shows progress.
/// Operands that name no file but a package, and the lines of -r FILE, are looked up in the catalogue,
/// without those whose markers hold on none of the machines.
/// Complains about requirements files that cannot be read.
std::expected<Targets, Complaint> read_targets(const Invocation& invocation, const Knowledge& knowledge,
                                               std::span<const Machine> machines = {});

/// How files are read, by --pass and --no-cache.
collect::Options reading_options(const Invocation&, collect::Progress&);

/// Reads files and folders and adds them, with the next ids.
void read_paths(const std::vector<std::string>& paths, const collect::Options&, const Knowledge&, Targets&);

/// Takes `root`, without "/" at its end, off the paths of subjects that were read below it: they are then as
/// the machine below it has them. Empty: nothing is done.
void strip_root(std::vector<Subject>& subjects, const std::string& root);

/// The complaint if no target at all could be opened; of those that could not, says on stderr what may have
/// been meant.
std::expected<void, Complaint> some_could_be_read(const Targets& targets, const Invocation& invocation);

/// The folder that VIRTUAL_ENV names, else CONDA_PREFIX; empty where none is active. What `check` looks at if
/// nothing is named.
std::string active_environment(const Io& io);

/// What may have been meant by an operand that is no file, or none that can hold GPU code.
std::vector<Text> hints_on_target(const std::string& operand, const Knowledge& knowledge);

}  // namespace cufit::commands
