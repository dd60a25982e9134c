// cufit completion: shell completions, written from the table of commands.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "commands/invocation.h"
#include "judge/rule.h"
#include "knowledge/catalogue.h"
#include "knowledge/gpu_lookup.h"
#include "knowledge/knowledge.h"

namespace cufit::commands {

namespace {

/// The description of an option or command, fit to stand between single quotes.
std::string described(const Invocation& invocation, std::string id) {
  auto words = render::phrase(Text{std::move(id)}, invocation.lang());
  std::string quoted;
  for (char c : words) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted;
}

std::vector<Option> options_of(const Command& command) {
  std::vector<Option> all(command.options.begin(), command.options.end());
  all.insert(all.end(), global_options().begin(), global_options().end());
  return all;
}

constexpr std::string_view shells[] = {"bash", "zsh", "fish"};

std::vector<std::string> names_of_commands() {
  std::vector<std::string> names;
  for (auto& command : table()) names.emplace_back(command.name);
  return names;
}

/// Of the ids that show knows those that are short and worth a try.
std::vector<std::string> ids_to_show() {
  std::vector<std::string> ids;
  for (auto* rule : all_rules()) ids.emplace_back(rule->id);
  for (auto& row : Knowledge::builtin().tables().drivers) ids.emplace_back(row.id);
  for (auto& row : Knowledge::builtin().tables().forward_compat) ids.emplace_back(row.id);
  return ids;
}

/// Words for --gpu, as people type them: "rtx4090" for the row rtx-4090. Only those that mean one answer.
std::vector<std::string> gpu_words() {
  std::set<std::string> words;
  auto& k = Knowledge::builtin();
  for (auto& row : k.tables().gpus) {
    std::string id(row.id), word = id;
    if (std::ranges::count(id, '-') == 1) std::erase(word, '-');
    if (find_gpu(k, word).candidates.size() == 1) words.insert(word);
  }
  return {words.begin(), words.end()};
}

/// The words that may stand as the value of an option; none if any may.
std::string value_words(const Option& option) {
  return option.name == "gpu" ? joined(gpu_words(), " ") : joined(option.choices, " ");
}

/// A value of several words with commas between them.
bool is_list(const Option& option) { return option.value == "LIST"; }

bool names_a_file(const Option& option) { return option.value == "FILE" || option.value == "DIR"; }

/// The commands of the table, and before a command is named `cufit` by itself.
std::vector<const Command*> all_commands() {
  std::vector<const Command*> all;
  for (auto& command : table()) all.push_back(&command);
  all.push_back(&unnamed_command());
  return all;
}

/// The words that may stand as operands; none for files.
std::string operand_words(const Command& command) {
  if (command.kind == Operands::shells) return joined(shells, " ");
  if (command.kind == Operands::commands) return joined(names_of_commands(), " ");
  if (command.kind == Operands::packages) return joined(package_names(Knowledge::builtin()), " ");
  if (command.kind == Operands::ids) return joined(ids_to_show(), " ");
  return "";
}

/// "--fail-on|-o": how an option is written, for a pattern of the shell.
std::string spelled(const Option& option) {
  auto name = "--" + std::string(option.name);
  return option.letter ? name + "|-" + option.letter : name;
}

std::string bash() {
  std::string out =
      "# bash completion of cufit\n"
      "_cufit() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= options= words= "
      "files= list= head= i\n"
      "  # bash takes --option=value for three words.\n"
      "  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      " +
      joined(names_of_commands(), "|") +
      ") command=${COMP_WORDS[i]}; break ;;\n"
      "    esac\n"
      "  done\n"
      "  case $command in\n";
  for (auto* command : all_commands()) {
    std::vector<std::string> options;
    for (auto& option : options_of(*command)) options.push_back("--" + std::string(option.name));
    bool unnamed = command->name.empty();
    out += "    " + std::string(unnamed ? "*" : command->name) + ") options=\"" + joined(options, " ") +
           "\" words=\"" + (unnamed ? joined(names_of_commands(), " ") : operand_words(*command)) +
           "\" files=" + (command->kind == Operands::files && !unnamed ? "1" : "") + " ;;\n";
  }
  out +=
      "  esac\n"
      "  case $prev in\n";
  std::vector<std::string_view> said;
  for (auto* command : all_commands())
    for (auto& option : options_of(*command)) {
      if (option.value.empty() || std::ranges::find(said, option.name) != said.end()) continue;
      said.push_back(option.name);
      out += "    " + spelled(option) + ") options= files=" + (names_a_file(option) ? "1" : "") +
             " list=" + (is_list(option) ? "1" : "") + " words=\"" + value_words(option) + "\" ;;\n";
    }
  out +=
      "  esac\n"
      "  if [[ $cur == -* ]]; then words=$options files=; fi\n"
      "  if [[ $list && $cur == *,* ]]; then head=${cur%,*}, cur=${cur##*,}; fi\n"
      "  COMPREPLY=($(compgen -P \"$head\" -W \"$words\" -- \"$cur\"))\n"
      "  if [[ $files ]]; then compopt -o filenames; COMPREPLY+=($(compgen -f -- \"$cur\")); fi\n"
      "}\n"
      "complete -F _cufit cufit\n";
  return out;
}

/// ":" and brackets mean something to zsh's _arguments.
std::string for_zsh(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == ':' || c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_option(const Invocation& invocation, const Option& option) {
  auto name = std::string(option.name), value = std::string(option.value);
  auto line = "    '" + std::string(option.repeats ? "*" : "") + "--" + name + (value.empty() ? "" : "=") +
              '[' + for_zsh(described(invocation, "option." + name)) + ']';
  auto words = value_words(option);
  if (is_list(option) && !words.empty())
    line += ':' + value + ":_sequence compadd - " + words;
  else if (!words.empty())
    line += ':' + value + ":(" + words + ')';
  else if (!value.empty())
    line += ':' + value + ':' + (value == "DIR" ? "_files -/" : names_a_file(option) ? "_files" : "");
  return line + "'";
}

std::string zsh(const Invocation& invocation) {
  std::string out =
      "#compdef cufit\n"
      "_cufit() {\n"
      "  local -a commands=(\n";
  for (auto& command : table())
    out += "    '" + std::string(command.name) + ':' +
           for_zsh(described(invocation, "command." + std::string(command.name))) + "'\n";
  out +=
      "  )\n"
      "  local command=$words[2]\n"
      "  if [[ $command == -* ]]; then command=\n"
      "  elif (( CURRENT == 2 )); then _describe command commands; return\n"
      "  else shift words; (( CURRENT-- )); fi\n"
      "  case $command in\n";
  for (auto* command : all_commands()) {
    out += "  " + (command->name.empty() ? "''" : std::string(command->name)) + ") _arguments \\\n";
    for (auto& option : options_of(*command)) out += zsh_option(invocation, option) + " \\\n";
    auto words = command->name.empty() ? joined(names_of_commands(), " ") : operand_words(*command);
    out += "    '*:" + for_zsh(std::string(command->operands)) + ':' +
           (!words.empty()                     ? '(' + words + ')'
            : command->kind == Operands::files ? "_files"
                                               : "") +
           "' ;;\n";
  }
  return out +
         "  esac\n"
         "}\n"
         "_cufit \"$@\"\n";
}

std::string fish_option(const Invocation& invocation, const Option& option, const std::string& when) {
  auto name = std::string(option.name);
  auto line = "complete -c cufit " + when + " -l " + name;
  if (option.letter) line += std::string(" -s ") + option.letter;
  if (!option.value.empty()) line += names_a_file(option) ? " -r" : " -x";
  if (auto words = value_words(option); !words.empty())
    line += is_list(option) ? " -a '(__cufit_list " + words + ")'" : " -a '" + words + '\'';
  return line + " -d '" + described(invocation, "option." + name) + "'\n";
}

std::string fish(const Invocation& invocation) {
  std::string out =
      "# fish completion of cufit\n"
      "# Each word behind what is typed already of a list with commas.\n"
      "function __cufit_list\n"
      "  set -l typed (commandline -ct | string replace -r -- '^--[^=]*=' '' | string replace -r -- '[^,]*$' "
      "'')\n"
      "  for word in $argv\n"
      "    echo \"$typed$word\"\n"
      "  end\n"
      "end\n";
  for (auto& command : table()) {
    auto name = std::string(command.name);
    out += "complete -c cufit -n __fish_use_subcommand -f -a " + name + " -d '" +
           described(invocation, "command." + name) + "'\n";
  }
  for (auto& option : global_options()) out += fish_option(invocation, option, "");
  for (auto* command : all_commands()) {
    auto when = command->name.empty()
                    ? std::string("-n __fish_use_subcommand")
                    : "-n '__fish_seen_subcommand_from " + std::string(command->name) + '\'';
    for (auto& option : command->options) out += fish_option(invocation, option, when);
    auto words = operand_words(*command);
    if (command->kind == Operands::files) continue;
    out += "complete -c cufit " + when + " -f" + (words.empty() ? "" : " -a '" + words + '\'') + '\n';
  }
  return out;
}

}  // namespace

Outcome completion(const Invocation& invocation) {
  auto& shell = invocation.operands()[0];
  if (shell == "bash") return Output{bash()};
  if (shell == "zsh") return Output{zsh(invocation)};
  if (shell == "fish") return Output{fish(invocation)};
  return complain({"usage.unknown-shell", {{"shell", shell}, {"shells", joined(shells, ", ")}}});
}

}  // namespace cufit::commands
