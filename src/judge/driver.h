// DRV-1 to DRV-8, LIB-1 to LIB-3: which driver runs what, on which GPU.
#pragma once

#include <optional>

#include "judge/ptx.h"
#include "judge/rule.h"
#include "judge/sources.h"
#include "knowledge/knowledge.h"

namespace cufit {

inline constexpr Rule drv_1 = {"DRV-1", {source::compatibility_faq}};
inline constexpr Rule drv_2 = {"DRV-2", {source::minor_version, source::release_notes}};
inline constexpr Rule drv_3 = {"DRV-3", {source::minor_version, source::release_notes}};
inline constexpr Rule drv_4 = {"DRV-4", {source::minor_version}};
inline constexpr Rule drv_5 = {
    "DRV-5",
    {source::driver_matrix, "https://github.com/NVIDIA/open-gpu-kernel-modules (README of each tag)"}};
inline constexpr Rule drv_6 = {"DRV-6", {source::driver_matrix, source::release_notes}};
inline constexpr Rule drv_7 = {"DRV-7", {source::compatibility_faq}};
inline constexpr Rule drv_8 = {"DRV-8",
                               {"https://docs.nvidia.com/datacenter/tesla/drivers/driver-lifecycle.html"}};
inline constexpr const Rule* driver_rules[] = {&drv_1, &drv_2, &drv_3, &drv_4,
                                               &drv_5, &drv_6, &drv_7, &drv_8};

inline constexpr Rule lib_1 = {"LIB-1", {"SONAMEs read in the packages of CUDA 9.0 to 13.5"}};
inline constexpr Rule lib_2 = {"LIB-2", {source::minor_version}};
inline constexpr Rule lib_3 = {"LIB-3", {source::programming_guide}};
inline constexpr const Rule* library_rules[] = {&lib_1, &lib_2, &lib_3};

/// A driver, as the tables see it.
struct DriverView {
  Version version;           ///< of libcuda
  Version kernel;            ///< of the kernel driver; another one only with cuda-compat
  std::optional<Cuda> cuda;  ///< driver CUDA; nothing if older than every branch in the tables
  bool cuda_is_lower_bound = false;
  const DriverRow* row = nullptr;  ///< where `cuda` comes from
  bool in_table = false;           ///< false: a branch that the tables do not have (DRV-1 still holds)
  Jit jit() const { return {cuda, cuda_is_lower_bound}; }
};

/// `given`: driver CUDA as somebody stated it, which is surer than the table.
DriverView view_driver(const Knowledge&, const Version&, Machine::Platform,
                       const std::optional<Version>& given = {});

/// No more than is promised of a driver: one below the number that NVIDIA names for its CUDA version counts
/// as one of the CUDA version before.
DriverView promised(const Knowledge&, DriverView, Machine::Platform);

/// Does the driver run programs of a toolkit (DRV-1 to DRV-3)?
struct FloorCheck {
  Answer meets = Answer::unknown;
  const Rule* rule = &drv_2;
  std::optional<Version> floor;     ///< lowest driver for this toolkit, if the tables have one
  const ToolkitRow* row = nullptr;  ///< where the floor comes from
  bool by_minor_compat = false;     ///< runs only by minor-version compatibility: DRV-4 applies
};
FloorCheck check_floor(const Knowledge&, Cuda toolkit, const DriverView&, Machine::Platform);

}  // namespace cufit
