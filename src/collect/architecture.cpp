#include "collect/architecture.h"

namespace cufit::collect {

std::string architecture(uint16_t machine) {
  switch (machine) {
    case 3:
      return "i386";
    case 62:
      return "x86_64";
    case 183:
      return "aarch64";
    case 21:
      return "ppc64le";
    case 243:
      return "riscv64";
    default:
      return "machine " + std::to_string(machine);
  }
}

}  // namespace cufit::collect
