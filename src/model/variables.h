// The environment variables that cufit knows, in one table: what it asks of them, records, and shows.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cufit {

/// Values by name.
using Variables = std::map<std::string, std::string>;

/// What cufit does with a variable. Each use includes those before it.
enum class VariableUse {
  none,      ///< neither recorded nor shown
  recorded,  ///< can change what loads or what a GPU library does
  found,     ///< and the files that set it are looked for
  machine,   ///< and it says which libraries and GPUs programs get on a machine that was looked at
  judged,    ///< and rules ask for it on any machine
};

VariableUse use_of_variable(std::string_view name);

/// Names (without beginnings of names) whose use is exactly this, in the order of the table.
std::vector<std::string_view> variables_of(VariableUse);

}  // namespace cufit
