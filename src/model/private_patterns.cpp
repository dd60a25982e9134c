#include "model/private_patterns.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

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

}  // namespace

bool is_secret_flag(std::string_view name) {
  auto words = words_of(name);
  for (size_t i = 0; i < words.size(); i++) {
    if (std::ranges::find(secret_words, words[i]) != std::end(secret_words)) return true;
    for (auto& pair : secret_pairs)
      if (i + 1 < words.size() && words[i] == pair.first && words[i + 1] == pair.second) return true;
  }
  return false;
}

bool names_hosts(std::string_view variable) {
  return std::ranges::any_of(host_variable_words, [&](auto word) { return variable.contains(word); });
}

bool is_public_host(std::string_view host) {
  return std::ranges::find(public_hosts, host) != std::end(public_hosts);
}

bool is_public_uuid(std::string_view uuid) {
  return std::ranges::find(public_uuids, uuid) != std::end(public_uuids);
}

}  // namespace cufit
