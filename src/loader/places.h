// The places where the loader looks for a name without slash, in their order.
#pragma once

#include <string>
#include <vector>

#include "loader/tokens.h"
#include "model/load.h"

namespace cufit {

/// A folder of the search.
struct SearchPlace {
  Found found = Found::rpath;
  std::string
      folder;  ///< as the loader composes it, without final slash; may be relative; empty: the working one
  std::string entry;      ///< as written: "$ORIGIN/../lib"
  std::string of;         ///< whose entry it is: path of an object, "LD_LIBRARY_PATH"
  std::string open = {};  ///< not empty: the token because of which the folder is not known
};

/// The folders of DT_RPATH or DT_RUNPATH (separated by ":") or LD_LIBRARY_PATH (":" and ";"). Entries that
/// come to the same text count once. An empty one is the working directory; an empty list is none.
std::vector<SearchPlace> places_of(std::string_view list, std::string_view separators, Found found,
                                   const std::string& of, const Tokens& tokens);

/// A subfolder that is looked into before the folder itself.
struct Subfolder {
  std::string name;  ///< "glibc-hwcaps/x86-64-v3"
  bool sure = true;  ///< else it depends on the processor or the version of glibc, which are not known
};

struct Cpu;
/// What this glibc (2.`minor`) looks into on this processor, in its order. glibc-hwcaps came with 2.33, the
/// older ones (tls, haswell, ...) went with 2.37.
std::vector<Subfolder> subfolders(const std::string& arch, const Cpu* cpu, const unsigned* minor,
                                  bool masked);

}  // namespace cufit
