// Row types of the knowledge: what one table entry of data/*.toml says. The same structs hold the tables
// compiled into the program and those read at run time: texts are views, lists are spans, nothing owns
// memory.
//
// `fields()` of a row is the only list of its fields. Reading TOML, writing the constant tables and `show`
// all walk it, so a TOML key has the name of the member.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "knowledge/values.h"
#include "model/image.h"
#include "model/json_names.h"
#include "model/sm.h"
#include "model/subject.h"

namespace cufit {

enum class Confidence : uint8_t { high, medium, low };

/// What every row says about itself.
struct Provenance {
  Confidence confidence = Confidence::low;
  std::string_view confidence_note;  ///< where parts of the row are less sure than the rest
  Strings sources;                   ///< URLs and documents
  Strings notes;

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("confidence", r.confidence);
    v("confidence_note", r.confidence_note);
    v.required("sources", r.sources);
    v("notes", r.notes);
  }
};

/// Use in a class of GPUs; decides forward compatibility and kernel modules, not whether code fits.
enum class Segment : uint8_t {
  datacenter,
  workstation,
  workstation_laptop,
  geforce,
  geforce_laptop,
  titan,
  jetson,
  soc
};

/// May cuda-compat be used with this board (rule FC-1)?
enum class CompatEligibility : uint8_t {
  eligible,
  selected_boards_only,
  not_promised,
  not_eligible,
  own_package,
  unknown
};

enum class ModuleSupport : uint8_t { unknown, supported, required, unsupported };

/// How a first driver version is to be read.
enum class Bound : uint8_t {
  unknown,
  announced,  ///< NVIDIA's change log names the board in that release
  upper,      ///< first release known to list the board; an earlier one may know it
};

/// The first driver that lists a board. A note for the user, never a verdict: the chip's floor decides.
struct FirstDriver {
  std::string_view branch;  ///< "R525", empty if unknown
  DriverVersion version;
  Bound bound = Bound::unknown;
  std::string_view basis;

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v("branch", r.branch);
    v("version", r.version);
    v("bound", r.bound);
    v("basis", r.basis);
  }
};

struct PciChip {
  std::string_view pci_id, chip;

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("pci_id", r.pci_id);
    v.required("chip", r.chip);
  }
};

/// A board or module, as nvidia-smi names it. Key of data: [[gpu]].
struct GpuRow {
  std::string_view id;     ///< "a800-sxm4-80gb"
  Strings names;           ///< as nvidia-smi prints them: "NVIDIA A800-SXM4-80GB"
  Strings aliases;         ///< further names people use
  Strings pci_ids;         ///< device ids under vendor 10DE, four upper-case hex digits
  Strings pci_subsystems;  ///< "DEVICE:SUBVENDOR:SUBDEVICE" where the device id alone does not tell the board
  Strings shared_pci_ids;  ///< those of pci_ids that other boards have too
  std::string_view chip;   ///< id of a chip row
  List<PciChip> chip_by_pci_id;  ///< ids whose chip differs from `chip`
  Sm cc;
  Segment segment = Segment::geforce;
  bool is_datacenter = false;
  bool arm_host = false;  ///< sits in machines with an Arm processor only (Grace); of Jetsons the chip tells
  CompatEligibility forward_compat = CompatEligibility::unknown;
  FirstDriver first_driver;
  List<DriverVersion>
      listed_since;  ///< first listing release of each branch that did not list it from the start
  std::string_view last_driver_branch;  ///< "R470"; empty if no branch has dropped it
  std::optional<Cuda> first_toolkit, last_toolkit;
  ModuleSupport open_kernel_module = ModuleSupport::unknown;
  std::optional<uint32_t> memory_mb;
  Provenance provenance;

  static constexpr std::string_view table = "gpu";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("names", r.names);
    v("aliases", r.aliases);
    v("pci_ids", r.pci_ids);
    v("pci_subsystems", r.pci_subsystems);
    v("shared_pci_ids", r.shared_pci_ids);
    v.required("chip", r.chip);
    v("chip_by_pci_id", r.chip_by_pci_id);
    v.required("cc", r.cc);
    v("segment", r.segment);
    v("is_datacenter", r.is_datacenter);
    v("arm_host", r.arm_host);
    v("forward_compat", r.forward_compat);
    v("first_driver", r.first_driver);
    v("listed_since", r.listed_since);
    v("last_driver_branch", r.last_driver_branch);
    v("first_toolkit", r.first_toolkit);
    v("last_toolkit", r.last_toolkit);
    v("open_kernel_module", r.open_kernel_module);
    v("memory_mb", r.memory_mb);
    v.inlined("provenance", r.provenance);
  }
};

/// A chip. Decides which drivers know a board (rules DRV-5, DRV-6). Key of data: [[chip]].
struct ChipRow {
  std::string_view id;  ///< "AD102"
  Sm cc;
  List<Sm> old_cc;  ///< compute capabilities that toolkits used for it before (Thor: 10.1, now 11.0)
  std::string_view architecture;
  bool tegra = false;               ///< its driver comes with JetPack: no floor, no ceiling
  bool older_than_drivers = false;  ///< older than every branch here: no floor to ask for
  DriverVersion not_before;         ///< drivers below surely do not know the chip; empty: nothing is refused
  DriverVersion known_from;         ///< drivers from here on surely know it; in between: not known
  std::string_view last_driver_branch;  ///< "R580"; empty if no branch has dropped it
  Strings pci_ids;                      ///< ids of the chip for which there is no board row
  Provenance provenance;

  static constexpr std::string_view table = "chip";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("cc", r.cc);
    v("old_cc", r.old_cc);
    v.required("architecture", r.architecture);
    v("tegra", r.tegra);
    v("older_than_drivers", r.older_than_drivers);
    v("not_before", r.not_before);
    v("known_from", r.known_from);
    v("last_driver_branch", r.last_driver_branch);
    v("pci_ids", r.pci_ids);
    v.inlined("provenance", r.provenance);
  }
};

struct ToolkitUpdate {
  std::string_view label;    ///< "GA", "Update 1"
  std::string_view toolkit;  ///< "12.4.1"
  DriverVersion linux_driver, windows_driver;

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("label", r.label);
    v.required("toolkit", r.toolkit);
    v("linux_driver", r.linux_driver);
    v("windows_driver", r.windows_driver);
  }
};

struct Sonames {
  std::string_view cudart, cublas, cublasLt, nvrtc;
  Strings cudnn_seen_with;

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v("cudart", r.cudart);
    v("cublas", r.cublas);
    v("cublasLt", r.cublasLt);
    v("nvrtc", r.nvrtc);
    v("cudnn_seen_with", r.cudnn_seen_with);
  }
};

struct FatbinCompression {
  std::string_view mode, applies_to, entry_flag, note;

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v("mode", r.mode);
    v("applies_to", r.applies_to);
    v("entry_flag", r.entry_flag);
    v("note", r.note);
  }
};

/// A CUDA toolkit, one row per minor version. Key of data: [[toolkit]].
struct ToolkitRow {
  std::string_view id;  ///< "12.4"
  Cuda cuda;
  bool is_public = true;    ///< 12.7 was only ever a driver's CUDA version
  std::string_view branch;  ///< driver branch of the same CUDA version
  DriverVersion native_driver_ga, native_driver_last_update, windows_native_driver_ga;
  DriverVersion minor_compat_driver;          ///< floor of the CUDA major (rule DRV-2); empty before 11.0
  DriverVersion windows_minor_compat_driver;  ///< empty where none was read
  uint32_t driver_api_version = 0;            ///< 12040
  Isa ptx_isa;
  List<Sm> sass_targets, ptx_targets;
  Sonames sonames;
  FatbinCompression fatbin_compression;
  List<ToolkitUpdate> updates;
  std::string_view verified;
  Provenance provenance;

  static constexpr std::string_view table = "toolkit";
  auto key() const { return cuda; }
  /// Sets what follows from the id; false if the id is not of its form. Other rows likewise.
  bool complete();
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.derived("cuda", r.cuda);
    v("is_public", r.is_public);
    v.required("branch", r.branch);
    v("native_driver_ga", r.native_driver_ga);
    v("native_driver_last_update", r.native_driver_last_update);
    v("windows_native_driver_ga", r.windows_native_driver_ga);
    v("minor_compat_driver", r.minor_compat_driver);
    v("windows_minor_compat_driver", r.windows_minor_compat_driver);
    v.required("driver_api_version", r.driver_api_version);
    v.required("ptx_isa", r.ptx_isa);
    v("sass_targets", r.sass_targets);
    v("ptx_targets", r.ptx_targets);
    v("sonames", r.sonames);
    v("fatbin_compression", r.fatbin_compression);
    v("updates", r.updates);
    v("verified", r.verified);
    v.inlined("provenance", r.provenance);
  }
};

/// The GPUs for which a JIT of CUDA version `from` on assembles a suffixed PTX target.
struct JitAccepts {
  Cuda from;
  List<Sm> gpus;

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("from", r.from);
    v.required("gpus", r.gpus);
  }
};

/// A PTX target (`.target sm_90a`). Key of data: [[ptx_target]].
struct PtxTargetRow {
  std::string_view id;  ///< "90a"
  Sm target;
  Isa min_isa;                    ///< lowest `.version` that knows the target
  List<JitAccepts> accepted_for;  ///< suffixed targets only, ascending; plain ones follow rule PTX-1
  Provenance provenance;

  static constexpr std::string_view table = "ptx_target";
  auto key() const { return target; }
  bool complete();
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.derived("target", r.target);
    v.required("min_isa", r.min_isa);
    v("accepted_for", r.accepted_for);
    v.inlined("provenance", r.provenance);
  }
};

/// GPUs that share family-specific code (suffix f, rule SASS-5). Key of data: [[family]].
struct FamilyRow {
  std::string_view id;
  List<Sm> members;  ///< ascending
  List<Sm>
      old_names;  ///< targets that named a member before a renumbering: whether their SASS runs is not known
  Provenance provenance;

  static constexpr std::string_view table = "family";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("members", r.members);
    v("old_names", r.old_names);
    v.inlined("provenance", r.provenance);
  }
};

enum class BranchType : uint8_t { ltsb, pb, nfb, legacy };

/// A Linux driver branch. Key of data: [[driver]].
struct DriverRow {
  std::string_view id;  ///< "R470"
  uint32_t number = 0;  ///< 470
  DriverVersion first_version, last_known_version, last_known_windows_version;
  std::string_view first_date;
  Cuda cuda;                         ///< driver CUDA without cuda-compat
  bool cuda_is_lower_bound = false;  ///< releases of this branch disagree; the lowest is stored
  uint32_t driver_api_version = 0;
  BranchType type = BranchType::legacy;
  std::string_view type_note;
  std::string_view eol;  ///< "2026-06": last month of support; empty if no date is known
  Strings notable_versions, architectures_added, architectures_dropped;
  std::string_view open_kernel_modules, verified;
  Provenance provenance;

  static constexpr std::string_view table = "driver";
  auto key() const { return number; }
  bool complete();
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.derived("number", r.number);
    v.required("first_version", r.first_version);
    v("last_known_version", r.last_known_version);
    v("last_known_windows_version", r.last_known_windows_version);
    v("first_date", r.first_date);
    v.required("cuda", r.cuda);
    v("cuda_is_lower_bound", r.cuda_is_lower_bound);
    v.required("driver_api_version", r.driver_api_version);
    v.required("type", r.type);
    v("type_note", r.type_note);
    v("eol", r.eol);
    v("notable_versions", r.notable_versions);
    v("architectures_added", r.architectures_added);
    v("architectures_dropped", r.architectures_dropped);
    v("open_kernel_modules", r.open_kernel_modules);
    v("verified", r.verified);
    v.inlined("provenance", r.provenance);
  }
};

/// What a row of [[forward_compat]] is about.
enum class CompatKind : uint8_t {
  package,     ///< for servers and workstations, decided by driver branch
  jetson,      ///< for Jetson, whose integrated GPUs have a package of their own
  image_rule,  ///< what NVIDIA's container images ask of a driver; nothing to install
};

/// A cuda-compat package. Key of data: [[forward_compat]].
struct ForwardCompatRow {
  std::string_view id;  ///< "cuda-compat-12-4"
  CompatKind kind = CompatKind::package;
  Cuda cuda;
  uint32_t driver_api_version = 0;
  std::string_view libraries_from_branch;
  Strings compatible_base_branches, incompatible_base_branches;  ///< a branch in neither is unknown
  Provenance provenance;

  static constexpr std::string_view table = "forward_compat";
  auto key() const { return id; }
  bool is_package() const { return kind != CompatKind::image_rule; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("kind", r.kind);
    v.required("cuda", r.cuda);
    v("driver_api_version", r.driver_api_version);
    v("libraries_from_branch", r.libraries_from_branch);
    v("compatible_base_branches", r.compatible_base_branches);
    v("incompatible_base_branches", r.incompatible_base_branches);
    v.inlined("provenance", r.provenance);
  }
};

/// A CUDA error code. Key of data: [[error]].
struct ErrorRow {
  std::string_view id;  ///< the code as text: "209"
  uint32_t code = 0;
  std::string_view runtime_name,
      driver_name;  ///< "cudaErrorNoKernelImageForDevice", "CUDA_ERROR_NO_BINARY_FOR_GPU"
  std::optional<uint32_t> legacy_runtime_code;  ///< number in programs of CUDA 10.0 and older
  Strings words;  ///< what cudaGetErrorString says of it, of several releases; empty: it has no runtime code
  std::string_view category;
  std::optional<bool> host_configuration;  ///< true: fix the machine; false: the program; absent: either
  std::optional<bool> sticky_context;
  std::string_view meaning;
  Strings likely_causes, checks;
  std::optional<Cuda> runtime_name_since, driver_name_since;
  Provenance provenance;

  static constexpr std::string_view table = "error";
  auto key() const { return code; }
  bool complete();
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.derived("code", r.code);
    v("runtime_name", r.runtime_name);
    v("driver_name", r.driver_name);
    v("legacy_runtime_code", r.legacy_runtime_code);
    v("words", r.words);
    v("category", r.category);
    v("host_configuration", r.host_configuration);
    v("sticky_context", r.sticky_context);
    v.required("meaning", r.meaning);
    v("likely_causes", r.likely_causes);
    v("checks", r.checks);
    v("runtime_name_since", r.runtime_name_since);
    v("driver_name_since", r.driver_name_since);
    v.inlined("provenance", r.provenance);
  }
};

/// Files whose name matches `pattern` have this role. Key of data: [[role]].
struct RoleRow {
  std::string_view id;
  Strings patterns;  ///< shell patterns over the file name: `*` and `?`
  Role role = Role::core;
  Provenance provenance;

  static constexpr std::string_view table = "role";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("patterns", r.patterns);
    v.required("role", r.role);
    v.inlined("provenance", r.provenance);
  }
};

// The words of the enumerations in data files and in JSON.
// clang-format off
template <> struct Names<Confidence> { static constexpr std::array<std::string_view, 3> list = {"high", "medium", "low"}; };
template <> struct Names<Segment> { static constexpr std::array<std::string_view, 8> list = {"datacenter", "workstation", "workstation-laptop", "geforce", "geforce-laptop", "titan", "jetson", "soc"}; };
template <> struct Names<CompatEligibility> { static constexpr std::array<std::string_view, 6> list = {"eligible", "selected-boards-only", "not-promised", "not-eligible", "own-package", "unknown"}; };
template <> struct Names<CompatKind> { static constexpr std::array<std::string_view, 3> list = {"package", "jetson", "image-rule"}; };
template <> struct Names<ModuleSupport> { static constexpr std::array<std::string_view, 4> list = {"unknown", "supported", "required", "unsupported"}; };
template <> struct Names<Bound> { static constexpr std::array<std::string_view, 3> list = {"unknown", "announced", "upper"}; };
template <> struct Names<BranchType> { static constexpr std::array<std::string_view, 4> list = {"ltsb", "pb", "nfb", "legacy"}; };
// clang-format on

}  // namespace cufit
