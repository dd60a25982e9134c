// cufit help, --help, --version: the table in words.
#include "commands/invocation.h"
#include "render/layout.h"

namespace cufit::commands {

namespace {

using render::Page;
using render::Style;

class Help {
 public:
  explicit Help(const Invocation& i) : invocation_(i), page_(i.render_options().color, i.io().columns) {}

  std::string overview() {
    page_.line({{word("help.cufit")}});
    usage("cufit [--lang LANG] [COMMAND ...]");
    heading("help.commands");
    entry("cufit", word("command.screen"));
    for (auto& command : table()) entry(command.name, word("command." + std::string(command.name)));
    heading("help.options");
    for (auto& option : global_options()) entry(spelled(option), described(option));
    heading("help.screen-options");
    for (auto& option : unnamed_command().options) entry(spelled(option), described(option));
    exits("help.screen-exit-codes", unnamed_command());
    heading("help.examples");
    example(unnamed_command().examples[0]);
    for (auto& command : table())
      if (command.kind == Operands::files || command.kind == Operands::ids) example(command.examples[0]);
    return page_.take();
  }

  std::string about(const Command& command) {
    page_.line({{word("command." + std::string(command.name))}});
    usage("cufit " + std::string(command.name) + ' ' + std::string(command.operands) +
          (command.options.empty() ? "" : " [OPTION...]"));
    heading("help.options");
    for (auto& option : command.options) entry(spelled(option), described(option));
    for (auto& option : global_options()) entry(spelled(option), described(option));
    if (command.judges) {
      heading("help.verdicts");
      for (auto* verdict : {"fits", "limited", "unfit", "unknown"})
        entry(word("verdict." + std::string(verdict)), word("means." + std::string(verdict)));
    }
    exits("help.exit-codes", command);
    heading("help.examples");
    for (auto& line : command.examples) example(line);
    return page_.take();
  }

 private:
  std::string word(std::string id) const { return render::phrase(Text{std::move(id)}, invocation_.lang()); }

  static std::string spelled(const Option& option) {
    auto text = option.letter ? std::string{'-', option.letter, ',', ' '} : std::string();
    text += "--" + std::string(option.name);
    return option.value.empty() ? text : text + ' ' + std::string(option.value);
  }

  std::string described(const Option& option) const {
    auto text = word("option." + std::string(option.name));
    std::string choices;
    for (auto& choice : option.choices) choices += (choices.empty() ? " (" : ", ") + std::string(choice);
    return choices.empty() ? text : text + choices + ')';
  }

  void exits(std::string title, const Command& command) {
    heading(std::move(title));
    for (auto& exit : command.exits) entry(exit.code, word(std::string(exit.means)));
  }
  void heading(std::string id) {
    page_.blank();
    page_.line({{word(std::move(id)), Style::strong}});
  }
  void usage(std::string line) {
    page_.blank();
    page_.line({{word("help.usage") + "  ", Style::strong}, {std::move(line)}});
  }
  void entry(std::string_view name, std::string_view text) {
    constexpr size_t indent = 26;
    page_.item({"  " + std::string(name)}, indent, text);
  }
  void example(std::string_view line) { page_.line({{"  " + std::string(line)}}); }

  const Invocation& invocation_;
  Page page_;
};

}  // namespace

Outcome help(const Invocation& invocation) {
  if (invocation.has("version")) return Output{"cufit " CUFIT_VERSION "\n"};
  if (invocation.operands().empty()) return Output{Help(invocation).overview()};
  auto& name = invocation.operands()[0];
  if (auto* command = find_command(name)) return Output{Help(invocation).about(*command)};
  std::vector<std::string> known;
  for (auto& command : table()) known.emplace_back(command.name);
  return complain({"usage.unknown-command", {{"command", name}}}, did_you_mean(name, known));
}

}  // namespace cufit::commands
