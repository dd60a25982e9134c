// Static libraries: the listing, and every member read.
#include "formats/ar.h"

#include "fuzz/fuzz.h"

using namespace cufit;
using namespace cufit::formats;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  MemoryBytes bytes({data, size});
  auto archive = ar::read(bytes);
  fuzz::require(!archive || ar::begins_like_ar({data, size}), "an archive without its mark");
  if (!archive) return 0;
  uint64_t last = 0;
  for (const auto& m : archive->members) {
    if (archive->thin) {
      fuzz::require(m.offset == 0, "data in a thin archive");
      continue;
    }
    fuzz::require(m.offset <= size && m.size <= size - m.offset, "a member outside the archive");
    fuzz::require(m.offset >= last, "members that overlap");
    last = m.offset + m.size;
  }
  return 0;
}
