#include "commands/invocation.h"

#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "knowledge/near_miss.h"

namespace cufit::commands {

namespace {

/// That an option is one of other commands.
std::vector<Text> commands_with(std::string_view option) {
  std::vector<std::string_view> names;
  for (auto& command : table())
    if (std::ranges::find(command.options, option, &Option::name) != command.options.end())
      names.push_back(command.name);
  if (names.empty()) return {};
  auto& first = *find_command(names[0]);
  auto given = "--" + std::string(option);
  auto example = "cufit " + std::string(first.name) + ' ' + std::string(first.operands) + ' ' + given;
  return {Text{"usage.option-of", {{"option", given}, {"commands", joined(names)}, {"example", example}}}};
}

/// Those of "GOOD BAD" that stand behind the ones that were given.
std::string missing(std::string_view operands, size_t given) {
  for (; given > 0 && operands.find(' ') != operands.npos; given--)
    operands.remove_prefix(operands.find(' ') + 1);
  return std::string(operands);
}

}  // namespace

std::vector<Text> did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  auto near = near_misses(word, known);
  if (near.empty()) return {};
  return {Text{"usage.did-you-mean", {{"names", joined(near)}}}};
}

render::Lang language(std::span<const std::string> args, const Io& io) {
  std::string_view asked;
  for (size_t i = 0; i < args.size() && args[i] != "--"; i++) {
    std::string_view arg = args[i];
    if (arg.starts_with("--lang=")) asked = arg.substr(7);
    if (arg == "--lang" && i + 1 < args.size()) asked = args[i + 1];
  }
  return render::lang_from(asked, io.env("LC_ALL"), io.env("LANG"));
}

Text try_help(const Command* command) {
  return Text{"usage.try-help",
              {{"command", command && !command->name.empty() ? "cufit help " + std::string(command->name)
                                                             : "cufit help"}}};
}

std::expected<Invocation, Complaint> Invocation::parse(std::span<const std::string> args, const Io& io) {
  Invocation made;
  made.io_ = &io;
  made.lang_ = language(args, io);
  bool only_operands = false;
  for (size_t at = 0; at < args.size(); at++) {
    auto& arg = args[at];
    Parsed taken;
    if (only_operands || arg.size() < 2 || arg[0] != '-')
      taken = made.take_operand(arg);
    else if (arg == "--")
      only_operands = true;
    else if (arg[1] == '-')
      taken = made.take_long(args, at);
    else
      taken = made.take_letters(args, at);
    if (!taken) return std::unexpected(taken.error());
  }
  if (auto done = made.finish(); !done) return std::unexpected(done.error());
  return made;
}

std::vector<Option> Invocation::allowed() const {
  std::vector<Option> all(global_options().begin(), global_options().end());
  if (command_) all.insert(all.end(), command_->options.begin(), command_->options.end());
  return all;
}

Invocation::Parsed Invocation::take_long(std::span<const std::string> args, size_t& at) {
  auto word = std::string_view(args[at]).substr(2);
  auto equals = word.find('=');
  auto name = word.substr(0, equals);
  auto options = allowed();
  auto option = std::ranges::find(options, name, &Option::name);
  // `cufit --json`: an option of no command yet is one of `cufit` by itself.
  if (!command_ && option == options.end()) {
    command_ = &unnamed_command();
    options = allowed();
    option = std::ranges::find(options, name, &Option::name);
  }
  auto given = "--" + std::string(name);
  if (option == options.end()) {
    std::vector<std::string> known;
    for (auto& o : options) known.push_back("--" + std::string(o.name));
    auto hints = commands_with(name);
    if (hints.empty()) hints = did_you_mean(given, known);
    hints.push_back(try_help(command_));
    return complain({"usage.unknown-option", {{"option", given}}}, std::move(hints));
  }
  if (option->value.empty() && equals != word.npos)
    return complain({"usage.no-value-wanted", {{"option", given}}});
  if (option->value.empty()) return take_value(*option, "");
  if (equals != word.npos) return take_value(*option, std::string(word.substr(equals + 1)));
  if (at + 1 == args.size())
    return complain({"usage.value-missing", {{"option", given}, {"value", std::string(option->value)}}});
  return take_value(*option, args[++at]);
}

Invocation::Parsed Invocation::take_letters(std::span<const std::string> args, size_t& at) {
  auto options = allowed();
  auto letters = std::string_view(args[at]).substr(1);
  for (size_t i = 0; i < letters.size(); i++) {
    char letter = letters[i];
    auto option = std::ranges::find(options, letter, &Option::letter);
    if (!command_ && option == options.end()) {
      command_ = &unnamed_command();
      options = allowed();
      option = std::ranges::find(options, letter, &Option::letter);
    }
    if (option == options.end())
      return complain({"usage.unknown-option", {{"option", std::string("-") + letter}}},
                      {try_help(command_)});
    if (option->value.empty()) {
      if (auto taken = take_value(*option, ""); !taken) return taken;
      continue;
    }
    // The value is the rest of the word, or the next one.
    if (i + 1 < letters.size()) return take_value(*option, std::string(letters.substr(i + 1)));
    if (at + 1 == args.size())
      return complain({"usage.value-missing",
                       {{"option", std::string("-") + letter}, {"value", std::string(option->value)}}});
    return take_value(*option, args[++at]);
  }
  return {};
}

Invocation::Parsed Invocation::take_value(const Option& option, std::string value) {
  // An unset variable of a script is a question that nobody asked.
  if (!option.value.empty() && value.empty())
    return complain({"usage.value-empty", {{"option", "--" + std::string(option.name)}}});
  if (!option.choices.empty() && std::ranges::find(option.choices, value) == option.choices.end())
    return complain({"usage.bad-choice",
                     {{"option", "--" + std::string(option.name)},
                      {"value", value},
                      {"choices", joined(option.choices)}}});
  values_[std::string(option.name)].push_back(std::move(value));
  return {};
}

Invocation::Parsed Invocation::take_operand(const std::string& arg) {
  if (arg.empty()) return complain({"usage.operand-empty"}, {try_help(command_)});
  if (command_ == &unnamed_command() && find_command(arg))
    return complain({"usage.options-behind", {{"command", arg}}}, {try_help(find_command(arg))});
  if (command_ && command_ != &unnamed_command()) {
    operands_.push_back(arg);
    return {};
  }
  command_ = find_command(arg);
  if (command_) return {};
  std::vector<std::string> known;
  for (auto& command : table()) known.emplace_back(command.name);
  auto hints = did_you_mean(arg, known);
  if (access(arg.c_str(), F_OK) == 0)
    hints.push_back({"usage.did-you-mean", {{"names", "cufit check " + arg}}});
  hints.push_back(try_help(nullptr));
  return complain({"usage.unknown-command", {{"command", arg}}}, std::move(hints));
}

Invocation::Parsed Invocation::finish() {
  if (!command_) command_ = &unnamed_command();
  if (has("help") || has("version")) {
    operands_.clear();
    if (command_ != &unnamed_command()) operands_.emplace_back(command_->name);
    command_ = find_command("help");
    return {};
  }
  // A recorded machine brings files of its own.
  bool from_recording = command_->kind == Operands::files && has("machine");
  if (operands_.size() < command_->least && !from_recording)
    return complain({"usage.operand-missing", {{"operands", missing(command_->operands, operands_.size())}}},
                    {try_help(command_)});
  if (operands_.size() > command_->most)
    return complain({"usage.too-many", {{"operand", operands_[command_->most]}}}, {try_help(command_)});
  return {};
}

std::string_view Invocation::value(std::string_view option) const {
  auto all = values(option);
  return all.empty() ? std::string_view() : all.back();
}

std::span<const std::string> Invocation::values(std::string_view option) const {
  auto found = values_.find(option);
  if (found == values_.end()) return {};
  return found->second;
}

render::Options Invocation::render_options() const {
  return {.lang = lang_,
          .color = io_->out_is_terminal && io_->env("NO_COLOR").empty() && io_->env("TERM") != "dumb",
          .why = has("why"),
          .quiet = has("quiet"),
          .fix = has("fix"),
          .width = io_->columns,
          .fail_on = value("fail-on") == "limited" ? FailOn::limited : FailOn::unfit};
}

}  // namespace cufit::commands
