#include "knowledge/check.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "knowledge/catalogue.h"

namespace cufit {

namespace {

class Checker {
 public:
  Checker(const Tables& tables, const RowLocation& where) : t_(tables), where_(where) {}

  std::vector<Error> run() {
    for (auto& row : t_.drivers) branches_.insert(row.id);
    std::apply([&](auto... member) { (provenance(t_.*member), ...); }, Tables::members());
    each(t_.drivers, &Checker::driver);
    each(t_.chips, &Checker::chip);
    each(t_.gpus, &Checker::gpu);
    each(t_.toolkits, &Checker::toolkit);
    each(t_.ptx_targets, &Checker::ptx_target);
    each(t_.families, &Checker::family);
    each(t_.forward_compat, &Checker::compat);
    each(t_.roles, &Checker::role);
    each(t_.tritons, &Checker::triton);
    each(t_.loading, &Checker::loading);
    each(t_.builds, &Checker::build);
    each(t_.errors, &Checker::error);
    each(t_.causes, &Checker::cause);
    each(t_.combinations, &Checker::combination);
    each(t_.messages, &Checker::message);
    each(t_.xids, &Checker::xid);
    one_row_for_each_release();
    ascending_drivers();
    ascending_toolkits();
    pci_ids();
    return std::move(errors_);
  }

 private:
  template <class Row>
  void complain(const Row& row, List<Row> table, std::string message) {
    errors_.push_back(Error{std::string(Row::table) + " '" + std::string(row.id) + "': " + std::move(message),
                            where_(Row::table, size_t(&row - table.data()))});
  }
  void complain(const GpuRow& r, std::string m) { complain(r, t_.gpus, std::move(m)); }
  void complain(const ChipRow& r, std::string m) { complain(r, t_.chips, std::move(m)); }
  void complain(const ToolkitRow& r, std::string m) { complain(r, t_.toolkits, std::move(m)); }
  void complain(const DriverRow& r, std::string m) { complain(r, t_.drivers, std::move(m)); }
  void complain(const PtxTargetRow& r, std::string m) { complain(r, t_.ptx_targets, std::move(m)); }
  void complain(const FamilyRow& r, std::string m) { complain(r, t_.families, std::move(m)); }
  void complain(const ForwardCompatRow& r, std::string m) { complain(r, t_.forward_compat, std::move(m)); }
  void complain(const RoleRow& r, std::string m) { complain(r, t_.roles, std::move(m)); }
  void complain(const BuildRow& r, std::string m) { complain(r, t_.builds, std::move(m)); }
  void complain(const TritonRow& r, std::string m) { complain(r, t_.tritons, std::move(m)); }
  void complain(const LoadingRow& r, std::string m) { complain(r, t_.loading, std::move(m)); }
  void complain(const ErrorRow& r, std::string m) { complain(r, t_.errors, std::move(m)); }
  void complain(const CauseRow& r, std::string m) { complain(r, t_.causes, std::move(m)); }
  void complain(const CombinationRow& r, std::string m) { complain(r, t_.combinations, std::move(m)); }
  void complain(const MessageRow& r, std::string m) { complain(r, t_.messages, std::move(m)); }
  void complain(const XidRow& r, std::string m) { complain(r, t_.xids, std::move(m)); }

  template <class Row>
  void each(List<Row> rows, void (Checker::*check)(const Row&)) {
    for (auto& row : rows) (this->*check)(row);
  }

  template <class Row>
  void provenance(List<Row> rows) {
    for (auto& row : rows) {
      if (row.id.empty()) complain(row, rows, "the id is empty");
      if (row.provenance.sources.empty() || std::ranges::count(row.provenance.sources, std::string_view()))
        complain(row, rows, "a source is needed");
    }
  }

  const ChipRow* chip_named(std::string_view id) const {
    auto found = std::ranges::lower_bound(t_.chips, id, {}, &ChipRow::id);
    return found != t_.chips.end() && found->id == id ? &*found : nullptr;
  }

  /// A branch that a row names must have a row, unless it is older than the table.
  template <class Row>
  void branch(const Row& row, std::string_view field, std::string_view id) {
    if (id.empty() || branches_.contains(id)) return;
    DriverRow asked;
    asked.id = id;
    if (asked.complete() && !t_.drivers.empty() && asked.number < t_.drivers.front().number) return;
    complain(row,
             "'" + std::string(field) + "' names driver branch '" + std::string(id) + "', which has no row");
  }

  template <class Row>
  void toolkit_named(const Row& row, std::string_view field, const std::optional<Cuda>& cuda) {
    if (!cuda || t_.toolkits.empty() || *cuda < t_.toolkits.front().cuda) return;
    if (!std::ranges::binary_search(t_.toolkits, *cuda, {}, &ToolkitRow::cuda))
      complain(row, "'" + std::string(field) + "' names toolkit " + cuda->dotted() + ", which has no row");
  }

  void driver(const DriverRow& r) {
    if (r.first_version.version().major() != r.number)
      complain(r, "first_version " + std::string(r.first_version.text) + " is not of this branch");
    if (!r.last_known_version.empty() && (r.last_known_version.version().major() != r.number ||
                                          r.last_known_version.version() < r.first_version.version()))
      complain(r, "last_known_version " + std::string(r.last_known_version.text) + " is not of this branch");
    api_version(r);
    if (!r.eol.empty() && !(r.eol.size() == 7 && r.eol[4] == '-'))
      complain(r, "'eol' should be a month like \"2026-06\"");
  }

  template <class Row>
  void api_version(const Row& r) {
    if (r.driver_api_version != r.cuda.major * 1000u + r.cuda.minor * 10u)
      complain(r, "driver_api_version " + std::to_string(r.driver_api_version) + " is not that of CUDA " +
                      r.cuda.dotted());
  }

  void chip(const ChipRow& r) {
    branch(r, "last_driver_branch", r.last_driver_branch);
    bool floor = !r.not_before.empty() || !r.known_from.empty();
    if (r.tegra && (floor || r.older_than_drivers || !r.last_driver_branch.empty()))
      complain(r, "the driver of a Tegra chip comes with JetPack, so it has neither floor nor last branch");
    if (floor && r.older_than_drivers) complain(r, "it is older than the drivers and has a floor");
    if (!r.not_before.empty() && r.known_from.empty()) complain(r, "'not_before' needs 'known_from'");
    if (!r.not_before.empty() && r.known_from.version() < r.not_before.version())
      complain(r, "'known_from' is before 'not_before'");
    for (auto id : r.pci_ids)
      if (!is_pci_id(id))
        complain(r, "'" + std::string(id) + "' is not a PCI device id of four upper-case hex digits");
  }

  void gpu(const GpuRow& r) {
    if (r.names.empty()) complain(r, "a name is needed");
    auto* chip = chip_named(r.chip);
    if (!chip) return complain(r, "'chip' names '" + std::string(r.chip) + "', which has no row");
    for (auto& [pci_id, id] : r.chip_by_pci_id) {
      auto* other = chip_named(id);
      if (!other)
        complain(r, "'chip_by_pci_id' names chip '" + std::string(id) + "', which has no row");
      else if (other->cc != chip->cc)
        complain(r, "chip " + std::string(id) + " has another compute capability");
      if (!contains(r.pci_ids, pci_id)) complain(r, "'chip_by_pci_id' has an id that is not in 'pci_ids'");
    }
    if (r.cc != chip->cc)
      complain(r, "compute capability " + r.cc.dotted() + ", but chip " + std::string(r.chip) + " has " +
                      chip->cc.dotted());
    if (r.last_driver_branch != chip->last_driver_branch)
      complain(r, "last_driver_branch '" + std::string(r.last_driver_branch) + "', but chip " +
                      std::string(r.chip) + " has '" + std::string(chip->last_driver_branch) + "'");
    first_driver(r, *chip);
    toolkit_named(r, "first_toolkit", r.first_toolkit);
    toolkit_named(r, "last_toolkit", r.last_toolkit);
    for (auto id : r.shared_pci_ids)
      if (!contains(r.pci_ids, id))
        complain(r, "'shared_pci_ids' has '" + std::string(id) + "', which is not in 'pci_ids'");
  }

  void first_driver(const GpuRow& r, const ChipRow& chip) {
    auto& first = r.first_driver;
    branch(r, "first_driver.branch", first.branch);
    if (first.version.empty()) return;
    auto version = first.version.version();
    if (first.branch != "R" + std::to_string(version.major()))
      complain(r, "first_driver version " + version.text() + " is not of branch '" +
                      std::string(first.branch) + "'");
    if (!chip.not_before.empty() && version < chip.not_before.version())
      complain(r,
               "first_driver " + version.text() + " is older than the floor of chip " + std::string(chip.id));
  }

  void toolkit(const ToolkitRow& r) {
    if (r.is_public && (r.sass_targets.empty() || r.ptx_targets.empty()))
      complain(r, "'sass_targets' and 'ptx_targets' are needed for a public toolkit");
    branch(r, "branch", r.branch);
    api_version(r);
    if (r.cuda.major >= 11 && r.minor_compat_driver.empty())
      complain(r, "'minor_compat_driver' is needed from CUDA 11.0 on");
    if (r.cuda.major < 11 && !r.minor_compat_driver.empty())
      complain(r, "minor-version compatibility does not exist before CUDA 11.0");
    if (r.cuda.major < 11 && r.native_driver_ga.empty())
      complain(r, "'native_driver_ga' is needed before CUDA 11.0: it is the least driver");
  }

  void ptx_target(const PtxTargetRow& r) {
    bool suffixed = r.target.suffix != Sm::Suffix::none;
    if (suffixed == r.accepted_for.empty())
      complain(r, suffixed ? "a target with a suffix needs 'accepted_for'"
                           : "a plain target follows PTX-1: no 'accepted_for'");
    if (!std::ranges::is_sorted(r.accepted_for, {}, &JitAccepts::from))
      complain(r, "'accepted_for' is not ascending");
    for (auto& step : r.accepted_for) toolkit_named(r, "accepted_for.from", step.from);
  }

  void family(const FamilyRow& r) {
    if (!std::ranges::is_sorted(r.members)) complain(r, "'members' are not ascending");
    for (auto& other : t_.families)
      for (auto sm : r.members)
        if (&other != &r && contains(other.members, sm))
          complain(r, sm.name() + " is also in family '" + std::string(other.id) + "'");
  }

  void compat(const ForwardCompatRow& r) {
    branch(r, "libraries_from_branch", r.libraries_from_branch);
    for (auto id : r.compatible_base_branches) {
      branch(r, "compatible_base_branches", id);
      if (contains(r.incompatible_base_branches, id))
        complain(r, std::string(id) + " is both compatible and incompatible");
    }
    for (auto id : r.incompatible_base_branches) branch(r, "incompatible_base_branches", id);
  }

  void build(const BuildRow& r) {
    if (r.package.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != r.package.npos)
      complain(r, "'package' is not normalized: lower-case letters, digits and single dashes");
    if (r.basis == Basis::none && (!r.sass.empty() || !r.ptx.empty()))
      complain(r, "'basis' is none, but there is a list of code");
    if (r.basis != Basis::none && r.sass.empty() && r.ptx.empty())
      complain(r, "'basis' is not none, but there is no list of code");
    toolkit_named(r, "cuda", r.cuda);
    if (!r.is_default && r.index.empty() && r.find_links.empty() && r.install.empty())
      complain(r, "one of 'is_default', 'index', 'find_links' and 'install' must tell where it comes from");
    for (auto list : {r.torch_pins, r.python_of_releases, r.glibc_of_releases})
      for (auto pin : list)
        if (pin.find(' ') == pin.npos)
          complain(r, "'" + std::string(pin) + "' is not a release and what it asks for");
    releases(r);
    constexpr std::string_view known_platforms[] = {"linux_x86_64", "linux_aarch64", "windows_amd64"};
    for (auto platform : r.platforms)
      if (std::ranges::find(known_platforms, platform) == std::end(known_platforms))
        complain(r, "'platforms' has '" + std::string(platform) +
                        "'; there are linux_x86_64, linux_aarch64, windows_amd64");
    if (!r.index.empty() && !r.index.starts_with("https://"))
      complain(r, "'index' should be an address that begins with https://");
    if (!r.triton.empty() && std::ranges::find(t_.tritons, r.triton, &TritonRow::id) == t_.tritons.end())
      complain(r, "'triton' names release '" + std::string(r.triton) + "', which has no row");
    for (auto list : {r.companions, r.pins})
      for (auto item : list)
        if (item.find_first_of("=>") == item.npos)
          complain(r, "'" + std::string(item) + "' names no version");
  }

  template <class Row>
  void releases(const Row& r) {
    auto from = PackageVersion::parse(r.version_from);
    auto to = PackageVersion::parse(r.version_to.empty() ? r.version_from : r.version_to);
    if (!from) complain(r, "'version_from' is no version");
    if (!to) complain(r, "'version_to' is no version");
    if (from && to && *to < *from && !from->begins_with(*to))
      complain(r, "'version_to' is older than 'version_from'");
  }

  /// Two rows of one file name and index would both answer for a release, and the first would win unseen.
  /// Files with several libraries have a row for each; some indexes serve builds for several CUDA releases.
  void one_row_for_each_release() {
    auto file = [](const BuildRow& r) {
      return std::tuple(r.package, r.local, r.label, r.index, r.cuda, r.cuda_major, r.cuda_release);
    };
    std::map<decltype(file(std::declval<BuildRow>())), std::vector<const BuildRow*>> files;
    for (auto& row : t_.builds)
      if (!row.is_variant) files[file(row)].push_back(&row);
    for (auto& [name, rows] : files)
      for (auto* row : rows)
        for (auto* other : rows) {
          auto first = PackageVersion::parse(other->version_from);
          if (row != other && first && covers(*row, *first))
            complain(*other, "release " + first->text() + " is also in '" + std::string(row->id) + '\'');
        }
  }

  void triton(const TritonRow& r) {
    toolkit_named(r, "ptxas", r.ptxas);
    toolkit_named(r, "ptxas_blackwell", r.ptxas_blackwell);
    if (r.ptxas_blackwell.has_value() != r.blackwell_from.has_value())
      complain(r, "'ptxas_blackwell' and 'blackwell_from' need each other");
  }

  void loading(const LoadingRow& r) {
    if (r.package.empty() == r.library.empty()) complain(r, "'package' or 'library' is needed, and only one");
    if (r.steps.empty()) complain(r, "a step is needed");
    if (!r.package.empty() || !r.version_from.empty()) releases(r);
    bool uses = false;
    for (auto& step : r.steps) {
      if (step.names.empty()) complain(r, "a step without names");
      if ((step.when == OpenWhen::mapped) == step.mapped.empty())
        complain(r, "'mapped' belongs to steps with when = \"mapped\"");
      if (uses && step.use.empty()) complain(r, "a step of the import stands behind one of a use");
      uses |= !step.use.empty();
      if (!r.library.empty() && (!step.by.empty() || !step.folders.empty()))
        complain(r, "what a library opens has neither 'by' nor 'folders'");
      if (!step.error.empty() && step.when != OpenWhen::failed)
        complain(r, "'error' belongs to steps with when = \"failed\"");
    }
    for (auto& other : t_.loading)
      if (&other != &r && !r.package.empty() && other.package == r.package)
        if (auto first = PackageVersion::parse(other.version_from); first && covers(r, *first))
          complain(other, "release " + first->text() + " is also in '" + std::string(r.id) + '\'');
  }

  void error(const ErrorRow& r) {
    if (r.runtime_name.empty() && r.driver_name.empty())
      complain(r, "'runtime_name' or 'driver_name' is needed");
  }

  bool is_cause(std::string_view id) const {
    return std::ranges::binary_search(t_.causes, id, {}, &CauseRow::id);
  }

  void cause(const CauseRow& r) {
    for (auto id : r.folds)
      if (!is_cause(id) || id == r.id) complain(r, "'folds' names '" + std::string(id) + "', no other cause");
    for (auto& remedy : r.remedies)
      if (remedy.root && !remedy.commands.empty())
        complain(r, "remedy '" + std::string(remedy.id) + "' needs root: say it in words, without commands");
  }

  void combination(const CombinationRow& r) {
    if (!is_cause(r.cause)) complain(r, "'cause' names '" + std::string(r.cause) + "', which has no row");
    for (auto version : {r.from, r.before, r.other_from, r.other_before})
      if (!version.empty() && !Version::parse(version))
        complain(r, "'" + std::string(version) + "' is no version");
  }

  void message(const MessageRow& r) {
    if (r.forms.empty() && r.code.empty()) complain(r, "one of 'forms' and 'code' is needed");
    if (r.code.empty() && r.emitter.empty()) complain(r, "'emitter' is needed: who prints the forms");
    for (auto& cause : r.causes) {
      if (!is_cause(cause.id))
        complain(r, "'causes' names '" + std::string(cause.id) + "', which has no row");
      if (cause.share == 0 || cause.share > 100) complain(r, "'share' is none of 1 to 100");
      for (auto list : {cause.when, cause.unless})
        for (auto id : list)
          if (!std::ranges::binary_search(t_.messages, id, {}, &MessageRow::id) &&
              std::ranges::find(log_conditions, id) == log_conditions.end())
            complain(r, "'" + std::string(id) + "' is neither a message nor a condition");
    }
    bool tells =
        r.role == MessageRole::fact || r.role == MessageRole::summary || r.role == MessageRole::noise;
    if (tells && !r.causes.empty()) complain(r, "what tells no fault has no causes");
  }

  void xid(const XidRow& r) {
    if (!is_cause(r.cause)) complain(r, "'cause' names '" + std::string(r.cause) + "', which has no row");
  }

  void role(const RoleRow& r) {
    if (r.patterns.empty()) complain(r, "a pattern is needed");
  }

  /// A newer branch has at least the CUDA version of an older one.
  void ascending_drivers() {
    for (size_t i = 1; i < t_.drivers.size(); i++)
      if (t_.drivers[i].cuda < t_.drivers[i - 1].cuda)
        complain(t_.drivers[i], "CUDA " + t_.drivers[i].cuda.dotted() + " is less than that of " +
                                    std::string(t_.drivers[i - 1].id));
  }

  /// Within a major, a newer toolkit needs no older driver, the floor is one, and the PTX ISA does not go
  /// back.
  void ascending_toolkits() {
    using Driver = DriverVersion ToolkitRow::*;
    constexpr std::pair<std::string_view, Driver> native[] = {
        {"native_driver_ga", &ToolkitRow::native_driver_ga},
        {"native_driver_last_update", &ToolkitRow::native_driver_last_update},
        {"windows_native_driver_ga", &ToolkitRow::windows_native_driver_ga}};
    constexpr std::pair<std::string_view, Driver> floors[] = {
        {"minor_compat_driver", &ToolkitRow::minor_compat_driver},
        {"windows_minor_compat_driver", &ToolkitRow::windows_minor_compat_driver}};
    for (auto [name, field] : native) {
      const ToolkitRow* last = nullptr;  // the last row that has the field
      for (auto& row : t_.toolkits) {
        if ((row.*field).empty()) continue;
        if (last && last->cuda.major == row.cuda.major && (row.*field).version() < (last->*field).version())
          complain(row, std::string(name) + " is older than that of " + last->cuda.dotted());
        last = &row;
      }
    }
    for (size_t i = 1; i < t_.toolkits.size(); i++) {
      auto &row = t_.toolkits[i], &before = t_.toolkits[i - 1];
      if (row.ptx_isa < before.ptx_isa)
        complain(row, "the PTX ISA is lower than that of " + before.cuda.dotted());
      for (auto [name, field] : floors)
        if (row.cuda.major == before.cuda.major && row.*field != before.*field)
          complain(row, std::string(name) + " differs from that of " + before.cuda.dotted());
    }
  }

  /// Each PCI id belongs to one board, or every board that has it says that it is shared.
  void pci_ids() {
    std::map<std::string_view, std::vector<const GpuRow*>> owners;
    for (auto& row : t_.gpus)
      for (auto id : row.pci_ids) {
        if (!is_pci_id(id))
          complain(row, "'" + std::string(id) + "' is not a PCI device id of four upper-case hex digits");
        owners[id].push_back(&row);
      }
    for (auto& [id, rows] : owners)
      for (auto* row : rows)
        if (rows.size() > 1 && !contains(row->shared_pci_ids, id))
          complain(*row, "PCI id " + std::string(id) + " also belongs to '" +
                             std::string((row == rows[0] ? rows[1] : rows[0])->id) +
                             "' and is not marked as shared");
    std::map<std::string_view, const ChipRow*> of_chip;
    for (auto& chip : t_.chips)
      for (auto id : chip.pci_ids) {
        if (owners.contains(id)) complain(chip, "PCI id " + std::string(id) + " belongs to a board");
        if (auto [other, added] = of_chip.try_emplace(id, &chip); !added)
          complain(chip, "PCI id " + std::string(id) + " also belongs to chip '" +
                             std::string(other->second->id) + "'");
      }
  }

  static bool is_pci_id(std::string_view id) {
    return id.size() == 4 && id.find_first_not_of("0123456789ABCDEF") == id.npos;
  }
  template <class T>
  static bool contains(List<T> list, const T& item) {
    return std::ranges::find(list, item) != list.end();
  }

  const Tables& t_;
  const RowLocation& where_;
  std::set<std::string_view> branches_;
  std::vector<Error> errors_;
};

}  // namespace

std::vector<Error> check_tables(const Tables& tables, const RowLocation& where) {
  return Checker(tables, where).run();
}

}  // namespace cufit
