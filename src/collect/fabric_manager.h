// Fabric Manager: the process without which CUDA does not start on machines with NVSwitches.
#pragma once

#include <optional>
#include <string_view>

#include "base/version.h"
#include "collect/root.h"

namespace cufit::collect {

struct FabricManager {
  /// True: it runs. False: no process here is one. Unreadable ("hidden"): processes of others cannot be seen,
  /// as in containers and where /proc is mounted with hidepid. Absent: nobody looked.
  Fact<bool> runs;
  Fact<Version> version;  ///< by its log
};

/// `in_container`: the host's processes are not among those that are seen.
FabricManager observe_fabric_manager(const Root& root, bool in_container);

/// The last "Fabric Manager version is : 535.129.03" of its log.
std::optional<Version> fabric_manager_version(std::string_view log);

}  // namespace cufit::collect
