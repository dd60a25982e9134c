// Invocation: a command line, taken apart by the table.
#pragma once

#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/io.h"
#include "commands/outcome.h"
#include "commands/table.h"
#include "render/render.h"

namespace cufit::commands {

class Invocation {
 public:
  /// Reads `[--option ...] COMMAND [operand | --option[=value] | -q ...]`; behind "--" all are operands.
  /// --help and --version become the command `help`, as does an empty command line.
  static std::expected<Invocation, Complaint> parse(std::span<const std::string> args, const Io& io);

  const Command& command() const { return *command_; }
  const std::vector<std::string>& operands() const { return operands_; }
  bool has(std::string_view option) const { return values_.contains(option); }
  /// The last value given; empty if none was.
  std::string_view value(std::string_view option) const;
  /// All values, in order.
  std::span<const std::string> values(std::string_view option) const;

  const Io& io() const { return *io_; }
  render::Lang lang() const { return lang_; }
  bool json() const { return has("json") || value("format") == "json"; }
  /// --why, --fix, -q, colour and width, as this command line and this terminal have them.
  render::Options render_options() const;

 private:
  using Parsed = std::expected<void, Complaint>;
  Parsed take_long(std::span<const std::string> args, size_t& at);
  Parsed take_letters(std::span<const std::string> args, size_t& at);
  Parsed take_value(const Option& option, std::string value);
  Parsed take_operand(const std::string& arg);
  Parsed finish();
  std::vector<Option> allowed() const;

  const Command* command_ = nullptr;
  std::vector<std::string> operands_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  const Io* io_ = nullptr;
  render::Lang lang_ = render::Lang::en;
};

/// The language of messages, as far as a command line that may be wrong tells it.
render::Lang language(std::span<const std::string> args, const Io& io);

/// "cufit help check tells more".
Text try_help(const Command*);

/// "Did you mean ...?" for a word that is none of `known`; empty if nothing is near.
std::vector<Text> did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace cufit::commands
