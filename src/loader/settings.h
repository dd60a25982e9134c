// What decides besides the files which libraries a process loads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "loader/cpu.h"
#include "model/observed.h"

namespace cufit {

struct LoaderSettings {
  /// LD_LIBRARY_PATH, LD_PRELOAD, LD_AUDIT, GLIBC_TUNABLES, LD_HWCAP_MASK.
  std::map<std::string, std::string> env;
  std::optional<Cpu> cpu;                      ///< nothing: not known
  std::vector<std::string> preload_file = {};  ///< entries of /etc/ld.so.preload (preload_entries)
  std::string arch = "x86_64";                 ///< of a program that is not known
  std::string cwd = {};                        ///< working directory of the process; empty: not known
  std::string glibc = {};                      ///< "2.36"; empty: by the loader's own file
  /// Secure-execution mode, in which variables are ignored; also that of a program of which the files say so.
  bool secure = false;
  /// What could not be looked at for lack of rights, the process cannot look at either.
  bool same_rights = true;
};

/// Those of a machine for a process with these variables. Of Observed::preloads the last are those of
/// LD_PRELOAD, so that only the ones before are entries of /etc/ld.so.preload.
LoaderSettings settings_of(const Observed&, std::map<std::string, std::string> env);

}  // namespace cufit
