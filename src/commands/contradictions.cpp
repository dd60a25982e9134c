#include "commands/contradictions.h"

#include <algorithm>

#include "base/text.h"
#include "knowledge/machine_of.h"
#include "model/library_path.h"

namespace cufit::commands {

namespace {

void compare_drivers(const Machine& machine, const Observed& seen, std::vector<Text>& out) {
  auto &judged = machine.driver.version, &loaded = seen.kernel.loaded;
  if (judged && loaded && *judged != *loaded)
    out.push_back({"contradiction.driver", {{"judged", judged->text()}, {"seen", loaded->text()}}});
}

void compare_gpus(const Machine& machine, const Observed& seen, const Knowledge& k, std::vector<Text>& out) {
  auto on_bus = std::ranges::count_if(seen.pci, &PciDevice::is_gpu);
  if (machine.gpus.empty() && on_bus > 0)
    out.push_back({"contradiction.no-gpus", {{"n", std::to_string(on_bus)}}});
  for (auto& gpu : machine.gpus) {
    auto* board = gpu.board ? k.gpu(*gpu.board) : nullptr;
    auto* chip = board ? k.chip(board->chip) : nullptr;
    if (!chip || !gpu.sm) continue;
    auto sm = gpu.sm->plain();
    if (board->cc.plain() != sm && std::ranges::find(chip->old_cc, sm) == chip->old_cc.end())
      out.push_back({"contradiction.capability",
                     {{"gpu", gpu.name ? *gpu.name : gpu.id},
                      {"judged", gpu.sm->dotted()},
                      {"known", board->cc.dotted()}}});
  }
}

void compare_library_path(const Machine& machine, const Observed& seen, std::vector<Text>& out) {
  auto at = machine.env.find("LD_LIBRARY_PATH");
  auto folders = library_path_folders(at == machine.env.end() ? "" : at->second);
  for (auto& l : seen.libraries) {
    bool named = l.has_its_name() && std::ranges::find(folders, folder_of(l.path)) != folders.end();
    if (named && l.on != "LD_LIBRARY_PATH")
      return out.push_back({"contradiction.library-path", {{"path", l.path}, {"folder", folder_of(l.path)}}});
  }
}

}  // namespace

std::vector<Text> contradictions_of(const World& world, const Knowledge& k) {
  std::vector<Text> out;
  if (!world.observed) return out;
  compare_drivers(world.machine, *world.observed, out);
  compare_gpus(world.machine, *world.observed, k, out);
  compare_library_path(world.machine, *world.observed, out);
  return out;
}

}  // namespace cufit::commands
