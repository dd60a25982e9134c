// Device nodes of the driver, and whether this process may and can open them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "collect/root.h"
#include "model/observed.h"

namespace cufit::collect {

/// The nodes in /dev. Which of them are opened, on this machine only:
///
/// - access(2) is asked first. It goes through the same check as open(2), device cgroups and security modules
///   included, and never reaches the driver. What it refuses is not opened: EPERM is a cgroup, EACCES mode or
///   owner. (A file system that is mounted nodev is asked for, too: access(2) does not look at that.)
/// - A node whose driver is not loaded is not opened: the kernel would try to load one for it.
/// - /dev/nvidiaN is opened only if the driver has started that GPU already: else opening would start it, for
///   seconds, or wake it. Those of Tegra, which power their engines, are not opened at all.
/// - What is opened is opened with O_NONBLOCK and closed at once, without any ioctl, in a child process
///   (collect/guarded.h): a driver that hangs does not take us with it.
std::vector<DeviceNode> observe_nodes(const Root& root, const KernelDriver& driver);

/// True for a name in /dev that is a node of the driver.
bool is_node(std::string_view name);

/// True if the node may be opened by rules 2 and 3. `loaded`: whether a kernel module is there.
bool may_be_opened(std::string_view path, const KernelDriver& driver,
                   const std::function<bool(std::string_view module)>& loaded);

/// The number of errno with which the kernel would refuse to open a node for reading and writing; 0: it would
/// not. Nothing is opened.
int refused(const std::string& path);

/// Says in `opens` of each node of this machine what is known of opening it, by the rules above. What is no
/// device ("no device") is not opened.
void try_nodes(std::vector<DeviceNode>& nodes, const KernelDriver& driver,
               const std::function<bool(std::string_view module)>& loaded);

/// Opens and closes each, and says in `opens` how that went.
void open_nodes(const std::vector<DeviceNode*>& nodes);

}  // namespace cufit::collect
