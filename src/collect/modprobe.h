// What keeps modules from being loaded: modprobe.d(5) and the kernel's command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collect/root.h"

namespace cufit::collect {

/// The file that keeps each module away; absent if none does.
struct Blacklists {
  Fact<std::string> nvidia, nouveau;
};
Blacklists observe_blacklists(const Root& root);

/// True if a configuration keeps `module` from being loaded by itself: "blacklist M", "install M /bin/false",
/// "alias M off". "-" and "_" are the same in names.
bool keeps_away(std::string_view configuration, std::string_view module);

/// The same for a command line of the kernel: "modprobe.blacklist=a,b", "module_blacklist=a",
/// "rd.driver.blacklist=a".
bool command_line_keeps_away(std::string_view line, std::string_view module);

}  // namespace cufit::collect
