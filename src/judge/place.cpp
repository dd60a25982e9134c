#include "judge/place.h"

#include <algorithm>

#include "judge/machine_view.h"
#include "knowledge/gpu_lookup.h"

namespace cufit {

Place Place::with_driver(const Version& version) const {
  Place other = *this;
  other.least_drivers = nullptr, other.builds = nullptr;  // they are of this place
  other.driver = view_driver(knowledge, version, machine.driver_platform());
  return compat ? other.with_compat(*compat) : other;
}

Place Place::on(const Machine& other) const {
  Place there = {.knowledge = knowledge,
                 .machine = other,
                 .gpu = gpu,
                 .sm = sm,
                 .tegra = tegra,
                 .arm = arm,
                 .chips = chips,
                 .board = board,
                 .boards = boards,
                 .window = window,
                 .driver = driver,
                 .jit = jit_settings(other.env),
                 .compat = compat,
                 .installed = installed,
                 .observed = observed,
                 .faults = faults,
                 .listing = listing,
                 .loads = loads};
  if (!compat || other.driver.compat || !driver) return there;
  there.compat = nullptr;
  return there.with_driver(driver->kernel);
}

namespace {

/// The version of the libcuda of a package: where one of its branch was seen to be loaded that one's, else
/// the first of the branch.
Version libcuda_version(const DriverRow& branch, const Observed* observed) {
  auto first = branch.first_version.version();
  auto* seen = observed ? loaded_library(*observed, "libcuda.so.1") : nullptr;
  bool is_it = seen && seen->kind == DriverLibrary::Kind::compat && seen->version &&
               seen->version->major() == first.major();
  return is_it ? *seen->version : first;
}

}  // namespace

Place Place::with_compat(const ForwardCompatRow& package) const {
  Place other = *this;
  other.least_drivers = nullptr, other.builds = nullptr;
  auto* branch = knowledge.driver_branch(package.libraries_from_branch);
  if (!branch || !driver) return other;
  auto version = libcuda_version(*branch, observed);
  auto kernel = driver->kernel;
  other.driver =
      view_driver(knowledge, version, machine.driver_platform(), Version::parse(package.cuda.dotted()));
  other.driver->kernel = kernel;
  other.compat = &package;
  return other;
}

namespace {

std::vector<const GpuRow*> boards_at(const Place& place) {
  if (place.board) return {place.board};
  std::vector<const GpuRow*> found;
  if (auto* name = place.gpu.name.get())
    for (auto& candidate : find_gpu(place.knowledge, *name).candidates)
      for (auto* row : candidate.boards)
        if (row->cc.plain() == place.sm) found.push_back(row);
  if (!found.empty()) return found;
  for (auto& row : place.knowledge.tables().gpus)
    for (auto* chip : place.chips)
      if (row.chip == chip->id) found.push_back(&row);
  return found;
}

/// The chips that the board is made with, else all of the compute capability.
std::vector<const ChipRow*> chips_of(const Place& place) {
  std::vector<const ChipRow*> chips;
  auto add = [&](std::string_view id) {
    auto* chip = place.knowledge.chip(id);
    if (chip && std::ranges::find(chips, chip) == chips.end()) chips.push_back(chip);
  };
  if (place.board) {
    add(place.board->chip);
    for (auto& other : place.board->chip_by_pci_id) add(other.chip);
  }
  return chips.empty() ? place.knowledge.chips_with(place.sm) : chips;
}

}  // namespace

std::string kind_of(const GpuRow& board, const Fact<Version>& driver) {
  auto kind = std::string(board.chip) + (board.arm_host ? " arm" : "");
  for (auto& other : board.chip_by_pci_id) kind += '/' + std::string(other.chip);
  for (auto number : {size_t(board.segment), size_t(board.forward_compat)})
    kind += ' ' + std::to_string(number);
  // Which release listed the board first matters to older ones only (DRV-5).
  auto listed = board.first_driver.version;
  if (!listed.empty() && (!driver || *driver < listed.version())) kind += ' ' + std::string(listed.text);
  return kind;
}

std::optional<Place> place_of(const Knowledge& k, const Machine& machine, const Gpu& gpu,
                              const Observed* observed) {
  if (!gpu.sm) return std::nullopt;
  Place place = {.knowledge = k,
                 .machine = machine,
                 .gpu = gpu,
                 .sm = gpu.sm->plain(),
                 .jit = jit_settings(machine.env),
                 .observed = observed};
  place.tegra = k.is_tegra(place.sm);
  if (auto* id = gpu.board.get()) place.board = k.gpu(*id);
  const ChipRow* chip = gpu.chip ? k.chip(*gpu.chip) : nullptr;
  place.chips = chip ? std::vector{chip} : chips_of(place);
  place.boards = boards_at(place);
  place.arm = place.tegra || (!place.boards.empty() && std::ranges::all_of(place.boards, &GpuRow::arm_host));
  place.window = k.window(place.chips);
  if (auto* version = machine.driver.version.get()) {
    std::optional<Version> cuda;
    if (auto* given = machine.driver.cuda.get();
        given && machine.driver.cuda.from.kind != Source::Kind::knowledge)
      cuda = *given;
    place.driver = view_driver(k, *version, machine.driver_platform(), cuda);
  }
  if (auto* package = machine.driver.compat.get())
    if (auto* row = k.forward_compat(*package)) return place.with_compat(*row);
  return place;
}

}  // namespace cufit
