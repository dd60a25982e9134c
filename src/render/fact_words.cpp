#include "render/fact_words.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "render/labels.h"

namespace cufit::render {

namespace {

/// A fact whose name is `begins`, something that names one of many, and `ends`.
struct FactName {
  std::string_view begins, ends;
  const char* text;
};

/// The first that fits counts; {name} is what stands between.
constexpr FactName names[] = {
    {"machine.driver.kernel", "", "fact.driver"},
    {"machine.driver.cuda", "", "fact.driver-cuda"},
    {"machine.driver.compat", "", "fact.compat"},
    {"machine.gpus.", "", "fact.gpu"},
    {"machine.arch", "", "fact.arch"},
    {"machine.glibc", "", "fact.glibc"},
    {"machine.python", "", "fact.python"},
    {"machine.wsl", "", "fact.wsl"},
    {"machine.platform", "", "fact.platform"},
    {"env.", "", "fact.variable"},
    {"environments.", "", "fact.environment"},
    {"subjects.", ".version", "fact.version-of"},
    {"subjects.", ".build", "fact.build-of"},
    {"subjects.", ".needs.python", "fact.needs-python"},
    {"subjects.", ".needs.glibc", "fact.needs-glibc"},
    {"subjects.", ".needs.platforms", "fact.needs-platforms"},
    {"subjects.", ".dependencies", "fact.dependencies"},
    {"subjects.", ".unread", "fact.unread"},
    {"subjects.", "", "fact.package"},
    {"observed.os.kernel", "", "fact.os-kernel"},
    {"observed.os.arch", "", "fact.arch"},
    {"observed.os.glibc", "", "fact.glibc"},
    {"observed.os.libc", "", "fact.libc"},
    {"observed.os.secure_boot", "", "fact.secure-boot"},
    {"observed.os.jetson", "", "fact.jetson"},
    {"observed.os.wsl", "", "fact.wsl"},
    {"observed.os.", "", "fact.os"},
    {"observed.cpu", "", "fact.cpu"},
    {"observed.limits.container", "", "fact.container"},
    {"observed.limits.cgroup", "", "fact.cgroup"},
    {"observed.limits.cpus", "", "fact.cpus"},
    {"observed.limits.memory", "", "fact.memory"},
    {"observed.limits.oom_kills", "", "fact.oom-kills"},
    {"observed.limits.shm", "", "fact.shm"},
    {"observed.pci_seen", "", "fact.pci-seen"},
    {"observed.pci.", ".driver", "fact.pci-driver"},
    {"observed.pci.", ".bar1", "fact.pci-bar1"},
    {"observed.pci.", ".lost", "fact.pci-lost"},
    {"observed.pci.", "", "fact.pci"},
    {"observed.kernel.loaded", "", "fact.module-loaded"},
    {"observed.kernel.flavour", "", "fact.module-flavour"},
    {"observed.kernel.modules", "", "fact.modules"},
    {"observed.kernel.on_disk_path", "", "fact.module-path"},
    {"observed.kernel.on_disk_flavour", "", "fact.module-disk-flavour"},
    {"observed.kernel.on_disk_signed", "", "fact.module-disk-signed"},
    {"observed.kernel.on_disk", "", "fact.module-on-disk"},
    {"observed.kernel.other_kernels", "", "fact.other-kernels"},
    {"observed.kernel.headers", "", "fact.headers"},
    {"observed.kernel.blacklisted", "", "fact.blacklisted"},
    {"observed.kernel.nouveau_blacklisted", "", "fact.nouveau-blacklisted"},
    {"observed.kernel.node_mode", "", "fact.node-mode"},
    {"observed.kernel.nvlink_off", "", "fact.nvlink-off"},
    {"observed.kernel.modprobe", "", "fact.modprobe"},
    {"observed.kernel.gpus.", ".uuid", "fact.proc-gpu-uuid"},
    {"observed.kernel.gpus.", ".model", "fact.proc-gpu-model"},
    {"observed.kernel.gpus.", ".excluded", "fact.proc-gpu-excluded"},
    {"observed.kernel.gpus.", ".minor", "fact.proc-gpu-minor"},
    {"observed.kernel.gpus.", ".started", "fact.proc-gpu-started"},
    {"observed.kernel.gpus.", "", "fact.proc-gpu"},
    {"observed.nodes.", ".mode", "fact.mode-of"},
    {"observed.nodes.", ".opens", "fact.opens"},
    {"observed.nodes.", ".uid", "fact.owner-of"},
    {"observed.nodes.", ".gid", "fact.group-of"},
    {"observed.nodes.", ".major", "fact.number-of"},
    {"observed.nodes.", ".minor", "fact.number-of"},
    {"observed.nodes.", "", "fact.node"},
    {"observed.mig.", ".ci", "fact.mig-compute"},
    {"observed.mig", "", "fact.mig"},
    {"observed.fabric_manager_version", "", "fact.fabric-manager-version"},
    {"observed.fabric_manager", "", "fact.fabric-manager"},
    {"observed.libraries.", ".version", "fact.version-of"},
    {"observed.libraries.", ".real", "fact.leads-to"},
    {"observed.libraries.", ".kind", "fact.kind-of"},
    {"observed.libraries.", ".on", "fact.found-by"},
    {"observed.libraries.", "", "fact.library"},
    {"observed.preloads", "", "fact.preloads"},
    {"observed.sharing", "", "fact.sharing"},
    {"observed.toolkits.", ".version", "fact.version-of"},
    {"observed.toolkits.", ".default_link", "fact.default-toolkit"},
    {"observed.toolkits.", "", "fact.toolkit"},
    {"observed.environments.", ".frameworks", "fact.frameworks"},
    {"observed.environments.", ".python", "fact.python-of"},
    {"observed.environments.", ".active", "fact.active"},
    {"observed.environments.", "", "fact.environment"},
    {"observed.variables.", "", "fact.set-variable"},
    {"observed.compiler", "", "fact.compiler"},
    {"files./etc/ld.so.cache", "", "fact.ld-cache"},
    {"files.", "", "fact.file"},
    {"loads.", "", "fact.load"},
    {"observed", "", "fact.observed"},
};

/// Words that the comparison has for values.
struct ValueWord {
  std::string_view value;
  const char* text;
};
constexpr ValueWord values[] = {
    {"", "value.empty"},
    {"absent", "value.none"},
    {"not known", "value.not-known"},
    {"true", "value.yes"},
    {"false", "value.no"},
    {"no GPU code", "value.no-code"},
    {"not found", "value.not-found"},
    {"not found, and the program ends for it", "value.not-found-ends"},
};

}  // namespace

std::string fact_words(const Writer& w, std::string_view fact) {
  // A file of a package: "subjects.torch.members.lib/libtorch.so".
  if (auto at = fact.find(".members."); fact.starts_with("subjects.") && at != fact.npos)
    return w(Text{"fact.file-of",
                  {{"name", std::string(fact.substr(at + 9))}, {"of", std::string(fact.substr(9, at - 9))}}});
  for (auto& n : names) {
    bool exact = n.begins.back() != '.' && n.ends.empty();
    if (!fact.starts_with(n.begins) || !fact.ends_with(n.ends) ||
        fact.size() < n.begins.size() + n.ends.size())
      continue;
    auto rest = fact.substr(n.begins.size(), fact.size() - n.begins.size() - n.ends.size());
    if (exact && !rest.empty() && rest[0] != '.' && !n.begins.starts_with("files")) continue;
    return w(Text{n.text, {{"name", std::string(rest.starts_with('.') ? rest.substr(1) : rest)}}});
  }
  return std::string(fact);
}

std::string value_words(const Writer& w, std::string_view fact, const std::string& value) {
  for (auto& v : values)
    if (v.value == value) return w(Text{v.text});
  if (value.starts_with("unreadable: "))
    return w(Text{fact.ends_with(".opens") ? "value.no-because" : "value.unreadable",
                  {{"why", value.substr(12)}}});
  // Numbers of MIG's compute instances name them and count nothing.
  if (fact.starts_with("observed.mig.") && value.find_first_not_of("0123456789, ") == value.npos)
    return w(
        Text{fact.ends_with(".ci") ? "value.instance-ids" : "value.compute-instances", {{"ids", value}}});
  bool bytes = fact.ends_with(".memory") || fact.ends_with(".shm") || fact.ends_with(".bar1");
  if (auto n = whole_number<uint64_t>(value); bytes && n) return memory_label(*n);
  for (std::string_view unit : {" files", " entries"})
    if (value.ends_with(unit) && all_digits(std::string_view(value).substr(0, value.size() - unit.size())))
      return w(Text{unit == " files" ? "value.files" : "value.entries",
                    {{"n", value.substr(0, value.size() - unit.size())}}});
  return value;
}

}  // namespace cufit::render
