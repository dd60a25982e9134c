// The table of commands. Dispatch, parsing, help, "did you mean" and shell completions all read it.
#pragma once

#include <span>
#include <string_view>

#include "commands/outcome.h"

namespace cufit::commands {

class Invocation;

struct Option {
  std::string_view name;        ///< "gpu", written --gpu; its description is the text "option.gpu"
  char letter = 0;              ///< 'q' for -q; 0: none
  std::string_view value = {};  ///< stands for the value in help ("LIST"); empty: a switch
  std::span<const std::string_view> choices = {};  ///< the only values allowed; empty: any
  bool repeats = false;
  bool of_machine = false;  ///< describes the machine: a fleet file says it instead
};

struct ExitCode {
  std::string_view code;   ///< "0"
  std::string_view means;  ///< id of the text
};

/// What stands behind the name of a command, for completion.
enum class Operands { files, packages, ids, shells, commands };

struct Command {
  std::string_view name;      ///< its description is the text "command.NAME"
  std::string_view operands;  ///< as help shows them: "TARGET..."
  Operands kind;
  size_t least, most;  ///< how many operands
  Outcome (*run)(const Invocation&);
  std::span<const Option> options;
  std::span<const std::string_view> examples;  ///< whole command lines
  std::span<const ExitCode> exits;
  bool judges = false;  ///< it answers with verdicts
};

std::span<const Command> table();

/// `cufit` by itself: its name is empty.
const Command& unnamed_command();

/// Options that may stand before a command as well as after it.
std::span<const Option> global_options();

/// Null if there is no command of this name.
const Command* find_command(std::string_view name);

// The functions of the table, one file each.
Outcome check(const Invocation&);
Outcome inspect(const Invocation&);
Outcome pick(const Invocation&);
Outcome record(const Invocation&);
Outcome diff(const Invocation&);
Outcome screen(const Invocation&);
Outcome doctor(const Invocation&);
Outcome explain(const Invocation&);
Outcome show(const Invocation&);
Outcome completion(const Invocation&);
Outcome help(const Invocation&);

}  // namespace cufit::commands
