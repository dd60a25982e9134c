// Which CUDA toolkit a file needs, from its NEEDED entries and its code.
#pragma once

#include <optional>

#include "judge/driver.h"
#include "model/subject.h"

namespace cufit {

struct ToolkitNeed {
  Cuda at_least, at_most;      ///< equal if it is known exactly
  const Rule* rule = nullptr;  ///< LIB-1: a NEEDED entry; SASS-7, PTX-2: read or concluded from the code
  std::string evidence;        ///< "libcudart.so.12", "12.4"
  bool runtime = true;  ///< through the CUDA runtime (fails with 35); else cubins given to the driver (200)
};

/// Nothing if the file needs no CUDA runtime and holds no machine code, or nothing tells the toolkit.
std::optional<ToolkitNeed> toolkit_need(const Knowledge&, const Binary&);

/// The CUDA major that a package names for itself or for what it depends on: 12 of "nvidia-cudnn-cu12", or of
/// the dependency "nvidia-cublas-cu12" (LIB-1).
std::optional<uint8_t> cuda_major_of_package(const Subject&);

/// A need that only has bounds, within the CUDA major of its package.
void narrow(ToolkitNeed&, uint8_t major);

/// The CUDA version in the name of a CUDA library ("libcudart.so.11.0", "libcudart-d0da41ae.so.11.0",
/// "libcublas.so.12"); only the major counts from 11 on. Nothing for other libraries.
std::optional<Cuda> cuda_of_soname(std::string_view soname);

}  // namespace cufit
