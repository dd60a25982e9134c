// What one module offers to one GPU and driver: machine code first, then PTX, else nothing.
#pragma once

#include "judge/place.h"
#include "model/image.h"

namespace cufit {

/// How the image comes to the driver; decides codes (RUN-3, RUN-6).
enum class Carrier : uint8_t {
  program,     ///< registered by the CUDA runtime from an ELF file or archive
  fatbin,      ///< cuModuleLoadData of a fatbin
  bare_cubin,  ///< cuModuleLoadData of a cubin: variables for the PTX compiler do not touch it
  bare_ptx,    ///< cuModuleLoadData of PTX text
};

struct ModuleFit {
  enum class Offer : uint8_t {
    native,
    compatible,
    ptx,
    none,
    unknown,
    no_kernels,  ///< nothing to run here: holds no kernels, or none for this GPU
  } offer = Offer::none;
  const Rule* rule = nullptr;    ///< the rule that decides
  int code = 0;                  ///< offer none: the driver's error
  const Image* image = nullptr;  ///< the image the driver takes, or the one that decides
  bool newer_ptx = false;        ///< machine code fits, but PTX beside it is newer than the driver's compiler
  bool kernels_elsewhere = false;  ///< no_kernels: images for other GPUs do hold kernels

  bool runs() const { return offer == Offer::native || offer == Offer::compatible || offer == Offer::ptx; }
};

ModuleFit fit_module(const ModuleShape&, Carrier, const Place&);

}  // namespace cufit
