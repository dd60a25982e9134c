// Variables that start-up files of shells set, as far as they are written plainly.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cufit::collect {

struct Assignment {
  std::string name;
  std::string value;  ///< without quotes; "$HOME" and the like stay as they are written
  uint32_t line = 0;
  bool operator==(const Assignment&) const = default;
};

/// How a file sets variables.
enum class SetForm {
  sh,     ///< NAME=VALUE, export NAME=VALUE, declare -x NAME=VALUE; also /etc/environment and environment.d
  csh,    ///< setenv NAME VALUE
  fish,   ///< set -gx NAME VALUE...; VALUEs of variables are joined by ':', as fish exports paths
  conda,  ///< conda-meta/state and env_vars.d/*.json: names and values in JSON; the line is that of the name
};

/// The assignments of a text, in its order. Commands are not understood, so it does not say whether a line is
/// reached ("if"), what $(...) gives, or what a later line takes back; "NAME=VALUE program" sets nothing and
/// is left out. At most 10,000 lines are read.
std::vector<Assignment> assignments(std::string_view text, SetForm form);

}  // namespace cufit::collect
