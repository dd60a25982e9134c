// Libraries of the driver's user space: where they lie, which of them a program would get, and of which
// driver they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "collect/container.h"
#include "collect/root.h"
#include "model/file_index.h"
#include "model/observed.h"

namespace cufit::collect {

/// Every libcuda.so.1, libnvidia-ml.so.1, libnvidia-ptxjitcompiler.so.1, libnvidia-nvvm.so.4 and
/// libcudadebugger.so.1: in the folders of LD_LIBRARY_PATH, in ld.so.cache (`cached`, in its order), in the
/// loader's default folders, and where distributions, containers and toolkits keep them. For each name in the
/// order in which a program that asks for it by name would find them, then those that it would not find
/// (`on` is empty), among them files whose link of that name is missing (libcuda.so.535.129.03 alone, what
/// ldconfig did not finish). Links that lead nowhere are listed with an empty `real`; 32-bit libraries, which
/// no 64-bit program loads, are not.
///
/// `env`: LD_LIBRARY_PATH and CONDA_PREFIX are looked at. Entries of LD_LIBRARY_PATH that are relative or
/// hold
/// "$ORIGIN" name other folders for every program and are passed over.
std::vector<DriverLibrary> find_driver_libraries(const Root& root, const Variables& env,
                                                 const std::vector<CachedLibrary>& cached);

/// The driver version in the name of a file: libcuda.so.535.129.03. Nothing for "libcuda.so.1" and for
/// "libcuda.so.1.1" (WSL, Jetson), which say none.
std::optional<Version> driver_version_of_name(std::string_view name);

/// What the bytes of a library of a driver say of themselves.
struct DriverBytes {
  bool is_elf = false;
  bool is_cut_off = false;  ///< the file ends before what its header lists
  bool is_32_bit = false;
  bool needs_libraries = false;    ///< has DT_NEEDED; stubs have none
  bool lacks_function = false;     ///< the names of its symbols were read, and `function` is none of them
  std::optional<Version> version;  ///< only looked for if the name says none
  std::string compat_note;         ///< as DriverLibrary::compat_note
};

/// Reads at most 8 MiB of texts and 16 MiB of names, and the version only if `look_for_version`. `function`:
/// one that every library of its name defines, as do stubs; empty: not asked. libcuda carries the name of a
/// file of profiles, "nvidia-application-profiles-580.95.05-rc", NVML the text "13.580.159.04" (its CUDA
/// major and its version); the JIT compilers say nothing. Read from drivers 535.261.03, 580.95.05 and
/// 580.159.04.
DriverBytes read_driver_library(const File& file, bool look_for_version, std::string_view function = {});

}  // namespace cufit::collect
