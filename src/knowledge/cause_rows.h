// Rows of root causes, and of libraries that do not go together. See rows.h for how rows work.
#pragma once

#include "knowledge/rows.h"

namespace cufit {

/// How bad it is for programs that use the GPU: they fail, they are worse off, or it is only good to know.
enum class Severity : uint8_t { error, warning, info };

/// What a remedy changes in the model, so that it is judged again. `none`: it lies outside of the model.
enum class Edit : uint8_t {
  none,
  unset_library_path,  ///< LD_LIBRARY_PATH is not set for the program
  drop_folder,         ///< {folder} leaves LD_LIBRARY_PATH
  add_folder,          ///< {folder} joins LD_LIBRARY_PATH
  link_libraries,      ///< ldconfig links the driver's libraries in {folder} and caches them
  unset_devices,       ///< CUDA_VISIBLE_DEVICES is not set
  unset_preloads,      ///< nothing is preloaded: LD_PRELOAD is not set, /etc/ld.so.preload is empty
  load_module,         ///< the module on disk is loaded and owns the GPUs
  reload_module,       ///< the loaded module becomes the one of the installed libraries
  other_flavour,       ///< open and proprietary module change places
  load_uvm,            ///< nvidia_uvm is loaded and has its node
  open_nodes,          ///< the process may open the device nodes
  give_gpu,            ///< a container gets nodes and driver libraries of its host
  give_compute,        ///< a container that has nodes gets the driver's libraries for compute, too
  start_fabric_manager,
  add_driver_library,  ///< {library} of the driver's version is installed
};

/// Who carries it out gives more than can be seen from here: another start of a container, a driver's
/// package.
constexpr bool gives_from_outside(Edit edit) {
  return edit == Edit::give_gpu || edit == Edit::give_compute || edit == Edit::load_module ||
         edit == Edit::reload_module || edit == Edit::add_driver_library;
}

/// Where a remedy can be carried out.
enum class Where : uint8_t { anywhere, host, container };

/// One thing that helps. Its words are the text "cure.ID".
struct CauseRemedy {
  std::string_view id;
  Strings commands;  ///< ready to paste, {name} is filled in; none of them needs root
  bool root = false, reboot = false;
  Edit edit = Edit::none;
  Where where = Where::anywhere;  ///< proposed there only: in a container nobody installs a driver
  std::string_view
      found;  ///< proposed only if the cause was told by the text "cause.ID.FOUND"; empty: always

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v("commands", r.commands);
    v("root", r.root);
    v("reboot", r.reboot);
    v("edit", r.edit);
    v("where", r.where);
    v("found", r.found);
  }
};

/// A root cause. Its words are the texts "cause.ID.title", ".why" and ".confirm"; what people try in vain
/// (`wrong`) is "wrong.ID" and "wrong.ID.why". Key of data: [[cause]].
struct CauseRow {
  std::string_view id;     ///< "nvidia-uvm-missing"
  std::string_view group;  ///< "kernel-driver"
  Severity severity = Severity::error;
  bool seen_passively = false;  ///< the files of a machine show it
  bool seen_by_asking = false;  ///< calls of the driver show it; neither: only a log does
  Strings folds;                ///< causes that are consequences of this one and are told with it
  List<CauseRemedy> remedies;   ///< best first
  Strings wrong;
  Provenance provenance;

  static constexpr std::string_view table = "cause";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("group", r.group);
    v("severity", r.severity);
    v.required("seen_passively", r.seen_passively);
    v("seen_by_asking", r.seen_by_asking);
    v("folds", r.folds);
    v("remedies", r.remedies);
    v("wrong", r.wrong);
    v.inlined("provenance", r.provenance);
  }
};

/// When two things do not go together.
enum class Relation : uint8_t {
  versions,      ///< `library` in its range beside `other` in its range, in one process
  other_place,   ///< loaded from different folders in different versions
  other_minor,   ///< loaded in versions that differ in the first two fields
  packages,      ///< as `versions`, and both are distributions of one environment
  host_compiler  ///< `library` (a compiler) in its range beside a toolkit in its range
};

/// A combination that is known to fail. Key of data: [[combination]].
struct CombinationRow {
  std::string_view id;
  std::string_view cause;  ///< the cause that it is reported as
  Relation relation = Relation::versions;
  std::string_view library;       ///< SONAME, distribution or compiler: "libcusparse.so.12"
  std::string_view from, before;  ///< its versions: from <= version < before; empty: no bound
  std::string_view other;
  std::string_view other_from, other_before;
  Severity severity = Severity::error;  ///< warning: it may go well
  Provenance provenance;

  static constexpr std::string_view table = "combination";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v.required("cause", r.cause);
    v.required("relation", r.relation);
    v.required("library", r.library);
    v("from", r.from);
    v("before", r.before);
    v.required("other", r.other);
    v("other_from", r.other_from);
    v("other_before", r.other_before);
    v("severity", r.severity);
    v.inlined("provenance", r.provenance);
  }
};

/// from <= version < before, as rows name them; empty: no bound.
bool in_range(const Version&, std::string_view from, std::string_view before);

// clang-format off
template <> struct Names<Severity> { static constexpr std::array<std::string_view, 3> list = {"error", "warning", "info"}; };
template <> struct Names<Where> { static constexpr std::array<std::string_view, 3> list = {"anywhere", "host", "container"}; };
template <> struct Names<Edit> { static constexpr std::array<std::string_view, 16> list = {"none", "unset-library-path", "drop-folder", "add-folder", "link-libraries", "unset-devices", "unset-preloads", "load-module", "reload-module", "other-flavour", "load-uvm", "open-nodes", "give-gpu", "give-compute", "start-fabric-manager", "add-driver-library"}; };
template <> struct Names<Relation> { static constexpr std::array<std::string_view, 5> list = {"versions", "other-place", "other-minor", "packages", "host-compiler"}; };
// clang-format on

}  // namespace cufit
