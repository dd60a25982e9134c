// The processor of the host, as far as the dynamic loader asks for it.
#pragma once

#include <string>
#include <vector>

namespace cufit {

struct Cpu {
  std::vector<std::string>
      levels;             ///< glibc-hwcaps folders that it takes, best first: "x86-64-v3", "x86-64-v2"
  std::string platform;   ///< "x86_64", "haswell", "xeon_phi", "aarch64"; empty: not known
  bool avx512_1 = false;  ///< takes folders of that name, which glibc up to 2.36 looked for
  bool operator==(const Cpu&) const = default;
};

}  // namespace cufit
