#include "model/preload.h"

#include "base/text.h"

namespace cufit {
namespace {

void take_names(std::string_view text, std::string_view separators, std::vector<std::string>& to) {
  while (!text.empty()) {
    auto end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) to.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::vector<std::string> preload_entries(std::string_view file) {
  std::vector<std::string> names;
  for (auto line : split(file, '\n')) take_names(line.substr(0, line.find('#')), ": \t", names);
  return names;
}

std::vector<std::string> preload_variable(std::string_view value) {
  std::vector<std::string> names;
  take_names(value, " :", names);
  return names;
}

}  // namespace cufit
