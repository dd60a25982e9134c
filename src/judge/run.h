// RUN-1 to RUN-5, RUN-7: what the driver was seen to do with images; LAZY-1 to LAZY-3: when it does it.
#pragma once

#include "judge/rule.h"
#include "judge/sources.h"
#include "knowledge/knowledge.h"

namespace cufit {

inline constexpr Rule run_1 = {"RUN-1", {source::measured}};
inline constexpr Rule run_2 = {"RUN-2", {source::measured}};
inline constexpr Rule run_3 = {"RUN-3", {source::measured}};
inline constexpr Rule run_4 = {"RUN-4", {source::measured}};
inline constexpr Rule run_5 = {"RUN-5", {source::measured, source::minor_version}};
inline constexpr Rule run_7 = {"RUN-7", {source::measured}};
inline constexpr const Rule* run_rules[] = {&run_1, &run_2, &run_3, &run_4, &run_5, &run_7};

inline constexpr Rule lazy_1 = {"LAZY-1", {source::lazy_loading}};
inline constexpr Rule lazy_2 = {
    "LAZY-2", {source::lazy_loading, source::environment, "https://github.com/pytorch/pytorch/pull/86509"}};
inline constexpr Rule lazy_3 = {"LAZY-3", {source::lazy_loading, source::measured}};
inline constexpr const Rule* lazy_rules[] = {&lazy_1, &lazy_2, &lazy_3};

/// Error of relocatable device code without a fitting linked image (RUN-2): it changed with cudart 11.8.
inline int code_of_missing_link(Cuda runtime) {
  return runtime == Cuda{} || runtime >= Cuda{11, 6} ? 500 : 98;
}

/// Programs of CUDA 10.0 and older print other runtime codes (RUN-1).
inline bool has_legacy_codes(Cuda runtime) { return runtime != Cuda{} && runtime <= Cuda{10, 0}; }

}  // namespace cufit
