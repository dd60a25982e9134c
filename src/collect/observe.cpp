#include "collect/observe.h"

#include "collect/fabric_manager.h"
#include "collect/kernel_driver.h"
#include "collect/limits.h"
#include "collect/mig.h"
#include "collect/nodes.h"
#include "collect/os.h"
#include "collect/pci.h"

namespace cufit::collect {

Observed observe_machine(const Root& root, const Variables& env) {
  Observed o;
  o.root = root.name();
  o.os = observe_os(root);
  o.limits = observe_limits(root, env);
  auto bus = observe_pci(root);
  o.pci_seen = bus.seen;
  o.pci = std::move(bus.devices);
  o.kernel = observe_kernel_driver(root, o.os.kernel);
  o.nodes = observe_nodes(root, o.kernel);
  o.mig = observe_mig(root);
  // All processes are looked at for it, so only where a GPU could need it.
  if (!o.pci.empty() || !o.nodes.empty() || !o.kernel.gpus.empty()) {
    auto manager = observe_fabric_manager(root, bool(o.limits.container));
    o.fabric_manager = manager.runs;
    o.fabric_manager_version = manager.version;
  }
  return o;
}

}  // namespace cufit::collect
