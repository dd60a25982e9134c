// ld.so.cache: errors lie in the file, and what is read is bounded by it.
#include "formats/ld_cache.h"

#include "fuzz/fuzz.h"

using namespace cufit;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto cache = formats::read_ld_cache({data, size});
  if (!cache) {
    fuzz::require(cache.error().offset.value_or(UINT64_MAX) <= size, "an error outside the file");
    return 0;
  }
  // The smallest entry has 12 bytes.
  fuzz::require(cache->entries.size() <= size / 12, "more entries than the file can hold");
  for (const auto& e : cache->entries) {
    fuzz::require(e.soname.size() <= 4096 && e.path.size() <= 4096, "a name without bound");
    fuzz::require(e.level.empty() || formats::names_hwcaps_folder(e.hwcap), "a level that no entry asks for");
  }
  return 0;
}
