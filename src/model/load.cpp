#include "model/load.h"

namespace cufit {

std::optional<CutOff> cut_off(uint64_t size, uint64_t whole, std::string_view arch) {
  if (whole == 0) return std::nullopt;
  // 4 KiB on x86-64; where pages may be larger, only what is missing with any of them kills.
  uint64_t page = arch == "x86_64" ? 4096 : 65536;
  return CutOff{size, whole, whole - size > (page - size % page) % page};
}

}  // namespace cufit
