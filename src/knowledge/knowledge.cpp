#include "knowledge/knowledge.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "knowledge/builtin_tables.h"
#include "knowledge/load.h"

namespace cufit {

namespace {

/// The row with this key in a table sorted by it.
template <class Row, class Key>
const Row* find(List<Row> rows, const Key& key) {
  auto found = std::ranges::lower_bound(rows, key, {}, &Row::key);
  return found != rows.end() && found->key() == key ? &*found : nullptr;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
  return out;
}

/// A branch has several major numbers on Windows: R470 went from 471 to 475.
uint32_t last_windows_major(const DriverRow& row) {
  return std::max(row.number, row.last_known_windows_version.version().major());
}

}  // namespace

DriverWindow::Fit DriverWindow::fit(const Version& driver, Machine::Platform platform) const {
  uint32_t last = platform == Machine::Platform::windows ? last_windows_branch : last_branch;
  if (last != 0 && driver.major() > last) return Fit::too_new;
  if (!not_before.empty() && driver < not_before.version()) return Fit::too_old;
  if (!floor_known) return Fit::unsure;
  return driver < known_from.version() ? Fit::unsure : Fit::knows;
}

const Knowledge& Knowledge::builtin() {
  static const auto* const knowledge = new Knowledge(builtin_tables);  // never destroyed: no work at exit
  return *knowledge;
}

Result<Knowledge> Knowledge::with_directories(std::span<const std::string> directories) {
  if (directories.empty()) return builtin();
  auto loader = std::make_shared<TableLoader>(builtin_tables);
  for (auto& directory : directories)
    if (auto added = loader->add_directory(directory); !added)
      return std::unexpected(std::move(added.error()));
  if (auto errors = loader->check(); !errors.empty()) return std::unexpected(std::move(errors.front()));
  auto tables = loader->tables();
  return Knowledge(tables, std::move(loader));
}

std::string Knowledge::user_directory() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data == '/')
    return std::string(data) + "/cufit";
  if (const char* home = std::getenv("HOME"); home && *home) return std::string(home) + "/.local/share/cufit";
  return {};
}

// --- Rows by id ---

const GpuRow* Knowledge::gpu(std::string_view id) const { return find(tables_.gpus, id); }
const ChipRow* Knowledge::chip(std::string_view id) const {
  return find(tables_.chips, std::string_view(upper(id)));
}
const ToolkitRow* Knowledge::toolkit(Cuda version) const { return find(tables_.toolkits, version); }
const PtxTargetRow* Knowledge::ptx_target(Sm target) const { return find(tables_.ptx_targets, target); }
const ErrorRow* Knowledge::error(uint32_t code) const { return find(tables_.errors, code); }

const DriverRow* Knowledge::driver_branch(std::string_view id) const {
  if (!id.empty() && (id[0] == 'R' || id[0] == 'r')) id.remove_prefix(1);
  auto number = Version::parse(id);
  return number && number->size() == 1 ? find(tables_.drivers, number->major()) : nullptr;
}

const ForwardCompatRow* Knowledge::forward_compat(std::string_view id) const {
  return find(tables_.forward_compat, id);
}

const BuildRow* Knowledge::build(std::string_view id) const { return find(tables_.builds, id); }
const CauseRow* Knowledge::cause(std::string_view id) const { return find(tables_.causes, id); }
const MessageRow* Knowledge::message(std::string_view id) const { return find(tables_.messages, id); }
const XidRow* Knowledge::xid(std::string_view number) const { return find(tables_.xids, number); }

std::vector<const ErrorRow*> Knowledge::legacy_runtime_errors(uint32_t code) const {
  std::vector<const ErrorRow*> rows;
  for (auto& row : tables_.errors)
    if (row.legacy_runtime_code == code) rows.push_back(&row);
  return rows;
}

// --- Drivers ---

BranchMatch Knowledge::branch_of(const Version& driver, Machine::Platform platform) const {
  auto above = std::ranges::upper_bound(tables_.drivers, driver.major(), {}, &DriverRow::number);
  if (above == tables_.drivers.begin()) return {};
  auto& row = *std::prev(above);
  return {&row,
          driver.major() <= (platform == Machine::Platform::windows ? last_windows_major(row) : row.number)};
}

DriverCuda Knowledge::driver_cuda(const Version& driver, Machine::Platform platform) const {
  auto [row, in_table] = branch_of(driver, platform);
  if (!row) return {};
  return {row->cuda, !in_table || row->cuda_is_lower_bound, row};
}

bool Knowledge::is_maintained(const DriverRow& row) const {
  bool promised = row.type == BranchType::ltsb || row.type == BranchType::pb;
  return promised && !row.eol.empty() && row.eol >= date().substr(0, row.eol.size());
}

std::vector<const DriverRow*> Knowledge::maintained_branches() const {
  std::vector<const DriverRow*> rows;
  for (auto& row : tables_.drivers)
    if (is_maintained(row)) rows.push_back(&row);
  std::ranges::sort(
      rows, [](auto* a, auto* b) { return a->type != b->type ? a->type < b->type : a->number > b->number; });
  return rows;
}

// --- Toolkits ---

std::optional<ToolkitFloor> Knowledge::toolkit_floor(Cuda toolkit, Machine::Platform platform) const {
  bool windows = platform == Machine::Platform::windows;
  if (toolkit.major < 11) {  // DRV-3: the driver of this very release
    auto* row = this->toolkit(toolkit);
    if (!row) return std::nullopt;
    return ToolkitFloor{windows ? row->windows_native_driver_ga : row->native_driver_ga, row};
  }
  // DRV-2: one floor for the major, so a minor that is not in the table has it too.
  const ToolkitRow* same_major = nullptr;
  for (auto& row : tables_.toolkits)
    if (row.cuda.major == toolkit.major && (!same_major || row.cuda <= toolkit)) same_major = &row;
  if (!same_major) return std::nullopt;
  return ToolkitFloor{windows ? same_major->windows_minor_compat_driver : same_major->minor_compat_driver,
                      same_major};
}

std::optional<DriverVersion> Knowledge::native_driver(Cuda cuda, Machine::Platform platform) const {
  for (auto& row : tables_.toolkits) {
    auto driver =
        platform == Machine::Platform::windows ? row.windows_native_driver_ga : row.native_driver_ga;
    if (platform == Machine::Platform::linux && driver.empty())
      if (auto* branch = driver_branch(row.branch)) driver = branch->first_version;
    if (row.cuda >= cuda && !driver.empty()) return driver;
  }
  return std::nullopt;
}

// --- PTX ---

std::optional<Isa> Knowledge::ptx_isa(Cuda cuda) const {
  auto* row = toolkit(cuda);
  return row ? std::optional(row->ptx_isa) : std::nullopt;
}

std::optional<Cuda> Knowledge::first_cuda_with_isa(Isa isa) const {
  for (auto& row : tables_.toolkits)
    if (row.ptx_isa >= isa) return row.cuda;
  return std::nullopt;
}

std::optional<Isa> Knowledge::min_isa(Sm ptx_target) const {
  auto* row = this->ptx_target(ptx_target);
  return row ? std::optional(row->min_isa) : std::nullopt;
}

Answer Knowledge::ptx_target_accepts(Sm target, Sm gpu, Cuda jit) const {
  gpu = gpu.plain();
  if (target.suffix == Sm::Suffix::none) return gpu.number() >= target.number() ? Answer::yes : Answer::no;

  const JitAccepts* accepts = nullptr;
  auto* row = ptx_target(target);
  if (row)
    for (auto& step : row->accepted_for)
      if (step.from <= jit) accepts = &step;
  if (accepts && std::ranges::find(accepts->gpus, gpu) != accepts->gpus.end()) return Answer::yes;
  if (target.suffix == Sm::Suffix::a) {
    if (row) return Answer::no;  // a JIT older than the first step does not know the target
    return gpu == target.plain() ? Answer::yes : Answer::no;
  }
  // f: a newer JIT than the tables, or a GPU that no row has, may belong to the family.
  bool could_join = gpu.major == target.major && gpu.minor >= target.minor;
  if (!could_join) return Answer::no;
  bool beyond_tables = tables_.toolkits.empty() || jit > tables_.toolkits.back().cuda;
  if (!row) return gpu == target.plain() ? Answer::yes : Answer::unknown;
  return beyond_tables || (accepts && chips_with(gpu).empty()) ? Answer::unknown : Answer::no;
}

// --- Hardware ---

Answer Knowledge::runs_family_sass(Sm f_target, Sm gpu) const {
  Sm target = f_target.plain();
  gpu = gpu.plain();
  if (gpu == target) return Answer::yes;
  auto has = [](List<Sm> list, Sm sm) { return std::ranges::find(list, sm) != list.end(); };
  for (auto& family : tables_.families) {
    if (has(family.members, target) && has(family.members, gpu))
      return gpu > target ? Answer::yes : Answer::no;
    if (has(family.old_names, target) && has(family.members, gpu)) return Answer::unknown;
  }
  // A GPU that no row has may be a new member of the family; a known one that is no member is none.
  bool could_join = gpu.major == target.major && gpu > target;
  return could_join && chips_with(gpu).empty() ? Answer::unknown : Answer::no;
}

bool Knowledge::is_tegra(Sm sm) const {
  sm = sm.plain();
  auto has = [&](const ChipRow& chip) {
    return chip.cc == sm || std::ranges::find(chip.old_cc, sm) != chip.old_cc.end();
  };
  // Asked for every target of every module: the few Tegra chips first.
  auto is_one = [&](const ChipRow& chip) { return chip.tegra && has(chip); };
  auto is_other = [&](const ChipRow& chip) { return !chip.tegra && has(chip); };
  return std::ranges::any_of(tables_.chips, is_one) && std::ranges::none_of(tables_.chips, is_other);
}

std::vector<const ChipRow*> Knowledge::chips_with(Sm cc) const {
  std::vector<const ChipRow*> chips;
  for (auto& chip : tables_.chips)
    if (chip.cc == cc.plain()) chips.push_back(&chip);
  return chips;
}

DriverWindow Knowledge::window(const ChipRow& chip) const {
  DriverWindow window;
  window.not_before = chip.not_before;
  window.known_from = chip.known_from;
  window.floor_known = chip.older_than_drivers || !chip.known_from.empty();
  if (auto* last = driver_branch(chip.last_driver_branch)) {
    window.last_branch = last->number;
    window.last_windows_branch = last_windows_major(*last);
  }
  return window;
}

DriverWindow Knowledge::window(std::span<const ChipRow* const> chips) const {
  if (chips.empty()) return {};
  auto all = window(*chips[0]);
  for (auto* chip : chips.subspan(1)) {
    auto one = window(*chip);
    // Refused only if every chip is refused, known only if every chip is known.
    if (one.not_before.version() < all.not_before.version()) all.not_before = one.not_before;
    if (one.known_from.version() > all.known_from.version()) all.known_from = one.known_from;
    all.floor_known &= one.floor_known;
    auto later = [](uint32_t x, uint32_t y) { return x == 0 || y == 0 ? 0 : std::max(x, y); };  // 0: no end
    all.last_branch = later(all.last_branch, one.last_branch);
    all.last_windows_branch = later(all.last_windows_branch, one.last_windows_branch);
  }
  if (!all.floor_known) all.known_from = {};
  return all;
}

// --- Files ---

Role Knowledge::role_of(std::string_view path, const RoleRow** row) const {
  auto name = path.substr(path.find_last_of('/') + 1);
  if (row) *row = nullptr;
  for (auto& candidate : tables_.roles)
    for (auto pattern : candidate.patterns)
      if (matches_pattern(pattern, name)) {
        if (row) *row = &candidate;
        return candidate.role;
      }
  return Role::core;
}

}  // namespace cufit
