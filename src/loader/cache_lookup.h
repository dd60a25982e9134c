// What ld.so.cache gives for a name (elf/dl-cache.c).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "loader/cpu.h"
#include "model/file_index.h"

namespace cufit {

struct CacheAnswer {
  std::string path;   ///< empty: nothing
  bool open = false;  ///< it depends on a processor or a version of glibc that is not known
};

/// `cpu`: nothing if not known; its levels are those that are left. `minor`: of glibc, 36 for 2.36.
CacheAnswer look_up(const std::vector<CachedLibrary>& cache, const std::string& name, const std::string& arch,
                    const std::optional<Cpu>& cpu, std::optional<unsigned> minor);

/// How glibc compares names there: digits by their value, so that libfoo.so.9 comes before libfoo.so.10 and
/// libfoo.so.01 is libfoo.so.1.
int compare_cached(std::string_view a, std::string_view b);

}  // namespace cufit
