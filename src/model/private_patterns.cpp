#include "model/private_patterns.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "base/number.h"

namespace cufit {

namespace {

/// "HF-Token" -> "hf", "token"; "apiKey" -> "api", "key".
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words(1);
  bool small = false;
  for (unsigned char c : name) {
    bool begins = !std::isalnum(c) || (small && std::isupper(c));
    small = std::islower(c);
    if (begins && !words.back().empty()) words.emplace_back();
    if (std::isalnum(c)) words.back() += char(std::tolower(c));
  }
  return words;
}

template <class List>
bool has(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != std::end(list);
}

/// "cu121", "py39".
bool is_version_mark(std::string_view name) {
  for (std::string_view mark : {"cu", "cp", "py", "sm", "gcc", "cuda", "python", "lib", "v", "x"})
    if (name.starts_with(mark) && all_digits(name.substr(mark.size()))) return true;
  return false;
}

}  // namespace

bool is_secret_name(std::string_view variable) {
  return variable.starts_with("AWS_") || variable.ends_with("KEY") ||
         std::ranges::any_of(secret_variable_words, [&](auto word) { return variable.contains(word); });
}

bool is_secret_flag(std::string_view name) {
  auto words = words_of(name);
  for (size_t i = 0; i < words.size(); i++) {
    if (has(secret_words, words[i])) return true;
    for (auto& pair : secret_pairs)
      if (i + 1 < words.size() && words[i] == pair.first && words[i + 1] == pair.second) return true;
  }
  return false;
}

bool names_hosts(std::string_view variable) {
  auto has_one = [&](auto& words) {
    return std::ranges::any_of(words, [&](auto word) { return variable.contains(word); });
  };
  return has_one(host_variable_words) && !has_one(no_host_words);
}

bool is_public_host(std::string_view host) { return has(public_hosts, host); }
bool is_public_uuid(std::string_view uuid) { return has(public_uuids, uuid); }
bool is_usual_word(std::string_view name) { return has(usual_words, name) || is_version_mark(name); }
bool is_nobodys_folder(std::string_view name) { return has(nobodys_folders, name); }
bool names_user(std::string_view variable) { return has(user_variables, variable); }
bool names_host(std::string_view variable) { return has(host_variables, variable); }

}  // namespace cufit
