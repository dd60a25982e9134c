// Load: which file the dynamic loader takes for a name, and why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/text.h"

namespace cufit {

/// How a name led to a file; in the order in which glibc asks (ld.so(8)).
enum class Found : uint8_t {
  preload,         ///< LD_PRELOAD or /etc/ld.so.preload
  already_loaded,  ///< an object with this SONAME (or this very file) is in the process
  as_path,         ///< the name has a slash
  rpath,           ///< DT_RPATH of the asker or of an object that led to it
  ld_library_path,
  runpath,         ///< DT_RUNPATH of the asker
  cache,           ///< /etc/ld.so.cache
  default_folder,  ///< /lib/x86_64-linux-gnu, /usr/lib/x86_64-linux-gnu, /lib, /usr/lib or what this loader
                   ///< has
  in_maps,         ///< seen in /proc/PID/maps: not searched at all
  not_found,
  unknown,  ///< `why` says what nobody could look at
};

/// A file of the same name that a later place of the search holds, or that another asker would get.
struct Shadowed {
  std::string path;  ///< behind all links
  Found found = Found::cache;
  std::string version;  ///< as Load::version
  bool operator==(const Shadowed&) const = default;
};

/// A file whose end is missing. ld.so maps it all the same: it does not compare the sizes.
struct CutOff {
  uint64_t size = 0, whole = 0;  ///< bytes that are there, and that its program headers tell of
  /// Whole pages are missing: the process dies by SIGBUS, as a rule in the loader, which writes addresses and
  /// zeroes at the end of what it maps. Else the rest of one page comes as zeroes, and nobody says so.
  bool kills = false;
  bool operator==(const CutOff&) const = default;
};

/// Nothing if all is there (`whole` is 0). `arch` as in LoadedObject: it tells how large pages are.
std::optional<CutOff> cut_off(uint64_t size, uint64_t whole, std::string_view arch);

struct Load {
  std::string name = {};  ///< what was asked for: "libcudart.so.12"
  std::string by = {};    ///< path of the object that asked, empty for the first
  bool dlopened = false;  ///< asked for by dlopen (frameworks), not by DT_NEEDED
  Found found = Found::unknown;
  std::string path = {};   ///< as the loader composed it; empty if not found
  std::string real = {};   ///< behind all links
  std::string place = {};  ///< entry of the search that led to it, as written: "$ORIGIN/../nvidia/cublas/lib"
  std::string place_of =
      {};  ///< whose entry that is: path of the object, "LD_LIBRARY_PATH", "/etc/ld.so.cache"
  std::string soname = {};  ///< of the file
  std::string version =
      {};  ///< "12.1.105" by the package that owns the file, or by its name; empty if not known
  std::string owner =
      {};  ///< distribution whose RECORD lists it: "nvidia-cublas-cu12 12.1.3.1"; empty if none
  std::vector<Shadowed> shadows = {};
  std::vector<std::string> missing_versions =
      {};  ///< symbol versions that `by` needs and the file does not define
  std::optional<CutOff> cut_off = {};
  Text why = {};  ///< of `unknown` and `not_found`
  /// Not found, without versions or cut off: an object of the program or of the import itself needs it, and
  /// so they end here. What is only tried, and what is found on another way afterwards, stops nothing.
  bool stops = false;

  /// Did the name lead to a file?
  bool is_there() const { return found != Found::not_found && found != Found::unknown; }
  bool kills() const { return cut_off && cut_off->kills; }
  /// That file, behind all links where they were followed.
  const std::string& file() const { return real.empty() ? path : real; }
  bool operator==(const Load&) const = default;
};

/// The libraries of one process: what starts it, and what it comes to load in order.
struct Loads {
  std::string subject;         ///< id, or empty
  std::string start;           ///< the object whose loads these are: a program, or a library opened by one
  std::string framework = {};  ///< "torch 2.9.1+cu130" if what it opens by itself was added
  std::vector<Load> loads;
  bool operator==(const Loads&) const = default;
};

}  // namespace cufit
