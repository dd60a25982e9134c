// What frameworks and CUDA's own libraries open by themselves (dlopen), beside what their files name in
// DT_NEEDED: one table entry of data/loading.toml.
#pragma once

#include "knowledge/rows.h"

namespace cufit {

/// When a step is taken. "The first step" is the first one of the row.
enum class OpenWhen : uint8_t {
  always,
  failed,  ///< the first step could not open its file
  mapped,  ///< it could, and the path of a file in the process holds the text `mapped`
};

/// What a step does about a name that leads to nothing, or to a file that cannot be loaded.
enum class OpenTrouble : uint8_t {
  go_on,  ///< the next name
  stop,   ///< the rest of the step is left out
  fail,   ///< the import ends with an error
};

/// One call of dlopen, or several alike.
struct OpenStepRow {
  OpenWhen when = OpenWhen::always;
  std::string_view mapped;
  Strings error;  ///< of a step for `failed`: texts of which the error must hold one, else the import ends
  std::string_view use;  ///< what the program does when the step is taken; empty: the import itself; of a
                         ///< library, being loaded
  std::string_view by;   ///< SONAME pattern of the library that calls dlopen; empty: Python
  /// Shell patterns of folders below each folder of sys.path, in order; "{}" is the part of a name before
  /// '/', "{cuda}" the CUDA major of the build. The first folder of sys.path in which one matches gives the
  /// file. Empty: dlopen gets the bare name; where that is a pattern, the files beside `by` complete it.
  Strings folders;
  Strings names;       ///< in order: "cublas/libcublas.so.*[0-9]"
  bool first = false;  ///< the names are alternatives: the first that leads to a file
  OpenTrouble missing = OpenTrouble::go_on;
  OpenTrouble broken = OpenTrouble::go_on;

  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v("when", r.when);
    v("mapped", r.mapped);
    v("error", r.error);
    v("use", r.use);
    v("by", r.by);
    v("folders", r.folders);
    v.required("names", r.names);
    v("first", r.first);
    v("missing", r.missing);
    v("broken", r.broken);
  }
};

/// Key of data: [[loading]].
struct LoadingRow {
  std::string_view id;            ///< "torch-2.9", "cudnn-9"
  std::string_view package;       ///< distribution that opens: "torch"; empty: a library does, see `library`
  std::string_view version_from;  ///< first release of the package; of the library, where releases differ
  std::string_view version_to;    ///< last one, inclusive ("2.9" includes 2.9.1); empty: the newest seen
  std::string_view newest_read;   ///< of a row without end
  std::string_view library;       ///< SONAME pattern: what every such library opens, whoever loaded it
  List<OpenStepRow> steps;
  Provenance provenance;

  static constexpr std::string_view table = "loading";
  auto key() const { return id; }
  template <class Visitor, class Self>
  static void fields(Visitor& v, Self& r) {
    v.required("id", r.id);
    v("package", r.package);
    v("version_from", r.version_from);
    v("version_to", r.version_to);
    v("newest_read", r.newest_read);
    v("library", r.library);
    v.required("steps", r.steps);
    v.inlined("provenance", r.provenance);
  }
};

// clang-format off
template <> struct Names<OpenWhen> { static constexpr std::array<std::string_view, 3> list = {"always", "failed", "mapped"}; };
template <> struct Names<OpenTrouble> { static constexpr std::array<std::string_view, 3> list = {"go-on", "stop", "fail"}; };
// clang-format on

}  // namespace cufit
