#include "judge/bin.h"

namespace cufit {

Answer unpacks(const Image& image, const Jit& driver) {
  constexpr Cuda first_with_zstd = {12, 4};
  if (image.packing != Packing::zstd || !driver.cuda || *driver.cuda >= first_with_zstd) return Answer::yes;
  return driver.at_least ? Answer::unknown : Answer::no;
}

}  // namespace cufit
