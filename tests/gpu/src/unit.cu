// A unit as nvcc builds it. UNIT: its number. RELOCATABLE: the architecture comes from a function of part.cu,
// so that device code must be linked. NESTED: the kernel that writes is launched by another kernel.
#include "units.h"

#ifdef RELOCATABLE
extern __device__ int architecture();
#else
static __device__ int architecture() {
#ifdef __CUDA_ARCH__
  return __CUDA_ARCH__;
#else
  return 0;
#endif
}
#endif

static __global__ void marker(int* out) {
  out[0] = architecture();
  out[1] = 0;
}

#ifdef NESTED
static __global__ void outer(int* out) { marker<<<1, 1>>>(out); }
#else
#define outer marker
#endif

static int launch(void* out) {
  outer<<<1, 1>>>(static_cast<int*>(out));
  return cudaGetLastError();
}

static struct Add {
  Add() { add_unit(UNIT, launch); }
} add;
