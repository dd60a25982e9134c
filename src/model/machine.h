// Machine: GPUs, driver, host and environment variables; given on the command line or for a group of a fleet.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/version.h"
#include "model/fact.h"
#include "model/sm.h"

namespace cufit {

using GpuId = std::string;  ///< "gpu0", "gpu1", ... in the order given

struct Gpu {
  GpuId id;
  Fact<std::string> name;   ///< what the user called it, or the name of the board
  Fact<Sm> sm;              ///< compute capability
  Fact<std::string> chip;   ///< "AD102"; absent if only a compute capability was given
  Fact<std::string> board;  ///< id of a row in data/gpus.toml, if exactly one board is meant
  bool operator==(const Gpu&) const = default;
};

struct Driver {
  Fact<Version> version;     ///< of the kernel driver: 470.129.06. Absent: nobody gave one
  Fact<Version> cuda;        ///< driver CUDA: 11.4
  Fact<std::string> compat;  ///< cuda-compat package whose libcuda is loaded: "cuda-compat-12-4"
  bool operator==(const Driver&) const = default;
};

struct Machine {
  enum class Platform : uint8_t { linux, windows };
  std::string origin = "given";  ///< given | observed | recorded
  Platform platform = Platform::linux;
  std::vector<Gpu> gpus;
  Driver driver;
  Fact<std::string> arch;                  ///< of the host: "x86_64", "aarch64"
  Fact<Version> glibc;                     ///< 2.35
  Fact<std::string> python;                ///< tag of the interpreter: "cp312", "cp313t"
  bool wsl = false;                        ///< Linux under Windows: `driver` is the Windows driver (WSL-2)
  std::map<std::string, std::string> env;  ///< only variables that were given
  std::vector<std::string> assumed;        ///< ids of facts that nobody gave: "jit-present", ...

  /// The platform whose driver versions count: under WSL the driver is the one of Windows (WSL-2).
  Platform driver_platform() const { return wsl ? Platform::windows : platform; }
  bool operator==(const Machine&) const = default;
};

}  // namespace cufit
