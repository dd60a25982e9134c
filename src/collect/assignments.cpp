#include "collect/assignments.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

namespace cufit::collect {
namespace {

constexpr uint32_t kMaxLines = 10'000;
constexpr size_t kMaxFound = 10'000;

bool is_name(std::string_view s) {
  auto letter = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  return !s.empty() && !std::isdigit(static_cast<unsigned char>(s[0])) && std::ranges::all_of(s, letter);
}

struct Command {
  std::vector<std::string> words;
  uint32_t line = 0;
};

/// Splits a text into commands and words as shells do: quotes, escapes, comments, ';', '&' and '|'. Nothing
/// is expanded. In quotes line ends belong to the word.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  std::optional<Command> next() {
    Command command;
    while (at_ < text_.size() && line_ <= kMaxLines) {
      char c = text_[at_];
      if (std::string_view("\n;&|()").find(c) != std::string_view::npos) {
        at_++;
        line_ += c == '\n';
        if (!command.words.empty()) return command;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        at_++;
      } else if (c == '\\' && text_.substr(at_ + 1).starts_with('\n')) {
        at_ += 2;
        line_++;
      } else if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else {
        if (command.words.empty()) command.line = line_;
        command.words.push_back(word());
      }
    }
    return command.words.empty() ? std::nullopt : std::optional(std::move(command));
  }

 private:
  std::string word() {
    std::string out;
    int open = 0;  // "$(" and "(" that are not closed yet
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (open == 0 && std::string_view(" \t\r\n;&|)").find(c) != std::string_view::npos) break;
      at_++;
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
      if ((c == '\'' || c == '"' || c == '`') && text_.find(c, at_) != text_.npos) {
        quoted(c, out);
      } else if (c == '\\' && at_ < text_.size()) {
        if (text_[at_] != '\n') out += text_[at_];
        line_ += text_[at_++] == '\n';
      } else {
        out += c;
        line_ += c == '\n';
      }
    }
    return out;
  }

  void quoted(char quote, std::string& out) {
    if (quote == '`') out += quote;
    for (; at_ < text_.size() && text_[at_] != quote; at_++) {
      char c = text_[at_];
      if (c == '\\' && quote == '"' && at_ + 1 < text_.size()) c = text_[++at_];
      line_ += c == '\n';
      out += c;
    }
    if (quote == '`') out += quote;
    at_ = std::min(at_ + 1, text_.size());
  }

  std::string_view text_;
  size_t at_ = 0;
  uint32_t line_ = 1;
};

void add(std::vector<Assignment>& out, std::string_view name, std::string value, uint32_t line) {
  if (is_name(name) && out.size() < kMaxFound) out.push_back({std::string(name), std::move(value), line});
}

/// "NAME=VALUE", also "NAME+=VALUE".
void add_pair(std::vector<Assignment>& out, std::string_view word, uint32_t line) {
  auto equals = word.find('=');
  if (equals == word.npos) return;
  auto name = word.substr(0, equals);
  if (name.ends_with('+')) name.remove_suffix(1);
  add(out, name, std::string(word.substr(equals + 1)), line);
}

bool is_pair(std::string_view word) {
  auto name = word.substr(0, word.find('='));
  if (name.ends_with('+')) name.remove_suffix(1);
  return name.size() < word.size() && is_name(name);
}

/// What stands before a command: "if ...; then export A=1", "set_up() { export A=1".
bool leads_in(std::string_view word) {
  return word == "then" || word == "else" || word == "do" || word == "{" || word.ends_with("()");
}

void read_sh(std::vector<Assignment>& out, const Command& c) {
  auto words = std::span(c.words);
  while (!words.empty() && leads_in(words[0])) words = words.subspan(1);
  if (words.empty()) return;
  bool exports = words[0] == "export" || words[0] == "declare" || words[0] == "typeset";
  if (exports)
    words = words.subspan(1);
  else if (!std::ranges::all_of(words, [](auto& w) { return is_pair(w); }))
    return;
  for (auto& word : words) add_pair(out, word, c.line);
}

void read_fish(std::vector<Assignment>& out, const Command& c) {
  if (c.words[0] != "set") return;
  bool exported = false;
  size_t i = 1;
  for (; i < c.words.size() && c.words[i].starts_with('-'); i++) {
    bool is_long = c.words[i].starts_with("--");
    exported |= is_long ? c.words[i] == "--export" : c.words[i].find('x') != std::string::npos;
  }
  if (!exported || i >= c.words.size()) return;
  std::string value;
  for (size_t v = i + 1; v < c.words.size(); v++) (value += v > i + 1 ? ":" : "") += c.words[v];
  add(out, c.words[i], value, c.line);
}

uint32_t line_of(std::string_view text, std::string_view part) {
  auto at = text.find(part);
  return at == text.npos ? 0 : uint32_t(std::ranges::count(text.substr(0, at), '\n') + 1);
}

/// {"env_vars": {"NAME": "VALUE"}} in conda-meta/state, {"NAME": "VALUE"} in env_vars.d.
void read_conda(std::vector<Assignment>& out, std::string_view text) {
  using Json = nlohmann::json;
  auto json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return;
  auto inner = json.find("env_vars");
  auto& variables = inner != json.end() && inner->is_object() ? *inner : json;
  for (auto& [name, value] : variables.items())
    if (value.is_string()) add(out, name, value.get<std::string>(), line_of(text, '"' + name + '"'));
}

}  // namespace

std::vector<Assignment> assignments(std::string_view text, SetForm form) {
  std::vector<Assignment> out;
  if (form == SetForm::conda) {
    read_conda(out, text);
    return out;
  }
  Words words(text);
  while (auto command = words.next()) {
    auto& w = command->words;
    if (form == SetForm::sh)
      read_sh(out, *command);
    else if (form == SetForm::fish)
      read_fish(out, *command);
    else if (w[0] == "setenv" && w.size() >= 2)
      add(out, w[1], w.size() > 2 ? w[2] : std::string(), command->line);
  }
  return out;
}

}  // namespace cufit::collect
