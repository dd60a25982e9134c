#include "commands/address.h"

#include <algorithm>

namespace cufit::commands {

namespace {

/// Where the host begins. What looks like user and password goes up to the last '@', as a password that
/// nobody escaped may hold what ends a host.
size_t end_of_user(std::string_view word) {
  auto host = word.substr(0, word.find_first_of("/?#"));
  auto colon = host.find(':');
  bool port = colon == host.npos || host.find_first_not_of("0123456789", colon + 1) == host.npos;
  auto at = port ? host.rfind('@') : word.rfind('@');
  return at == word.npos ? 0 : at + 1;
}

}  // namespace

std::string without_credentials(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    auto scheme = text.find("://");
    if (scheme == text.npos) break;
    shown += text.substr(0, scheme + 3);
    text.remove_prefix(scheme + 3);
    auto word = text.substr(0, text.find_first_of(" \t\"'"));
    auto rest = word.substr(std::min(end_of_user(word), word.size()));
    shown += rest.substr(0, rest.find_first_of("?#"));
    // The name of a package behind '#' is no secret.
    if (auto egg = word.find("#egg="); egg != word.npos) shown += word.substr(egg, word.find('&', egg) - egg);
    text.remove_prefix(word.size());
  }
  return shown.append(text);
}

}  // namespace cufit::commands
