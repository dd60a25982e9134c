// Texts of /proc, /sys and /etc, and kernel modules: the parsers that a hostile machine or recording can
// feed. The first byte chooses which.
#include <array>
#include <string>

#include "collect/cgroup.h"
#include "collect/container.h"
#include "collect/fabric_manager.h"
#include "collect/kernel_driver.h"
#include "collect/libc.h"
#include "collect/limits.h"
#include "collect/modprobe.h"
#include "collect/module_files.h"
#include "collect/mounts.h"
#include "collect/os.h"
#include "collect/pci.h"
#include "formats/module_info.h"
#include "fuzz/fuzz.h"
#include "fuzz/scratch_file.h"

using namespace cufit;
using namespace cufit::collect;
using fuzz::require;

namespace {

void mounts_and_cgroups(std::string_view text) {
  auto mounts = parse_mounts(text);
  auto lines = parse_cgroups(text);
  for (auto& mount : mounts) {
    option(mount.super, "size");
    for (auto& line : lines) {
      auto folder = cgroup_folder(mount, line.path);
      require(!folder || mount.point == "/" || folder->starts_with(mount.point),
              "a cgroup outside of its mount");
      container_of_cgroup(line.path);
    }
  }
}

void limits(std::string_view text) {
  auto cpu = parse_cpu_max(text);
  require(!cpu || !cpu->limited || cpu->value > 0, "a CPU quota that is not above zero");
  parse_memory_limit(text);
  parse_oom_kills(text);
  parse_memory_total(text);
  parse_size(text, 1 << 20);
}

void pci(std::string_view text) {
  parse_bar1(text);
  parse_hex(text);
  is_lost(text);
}

void driver(std::string_view text) {
  auto banner = parse_banner(text);
  require(!banner || !banner->version.empty(), "a banner without a version");
  for (auto& m : parse_modules(text)) matters(m);
  auto gpu = parse_information(text, "0000:01:00.0");
  require(!gpu.uuid || gpu.uuid->find('?') == std::string::npos, "a UUID that is not known");
  parse_node_mode(text);
  fabric_manager_version(text);
}

void modules(std::string_view text) {
  keeps_away(text, "nouveau");
  command_line_keeps_away(text, "nvidia");
  auto module = module_of_dependencies(text);
  require(text.find(module) != text.npos, "a module that is not listed");
}

void operating_system(std::string_view text) {
  os_release_value(text, "ID");
  l4t_release(text);
  wsl_kernel(text);
  efi_flag(text);
  is_gvisor(text);
  glibc_version(text);
}

void module_info(std::string_view text) {
  MemoryStream stream(as_bytes(text));
  formats::find_module_info(stream);
  static fuzz::ScratchFile scratch;
  scratch.set(as_bytes(text));
  auto file = File::open(scratch.path());
  require(file.has_value(), "the scratch file cannot be opened");
  auto info = formats::read_module_info(*file);
  require(info || !info.error().empty(), "no module, and no reason");
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  constexpr std::array<void (*)(std::string_view), 7> parsers = {
      mounts_and_cgroups, limits, pci, driver, modules, operating_system, module_info};
  parsers[data[0] % parsers.size()](as_text({data + 1, size - 1}));
  return 0;
}
