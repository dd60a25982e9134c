/* The few types of the CUDA driver API that are used here, written after its reference manual:
 * https://docs.nvidia.com/cuda/cuda-driver-api/ . CUresult is an int, 0 is success. */
#ifndef CUFIT_PROBE_CUDA_API_H
#define CUFIT_PROBE_CUDA_API_H

#include <stddef.h>
#include <stdint.h>

typedef int CUdevice;
typedef uint64_t CUdeviceptr; /* as of the functions with _v2; 64-bit systems only */
typedef struct CUctx_st* CUcontext;
typedef struct CUmod_st* CUmodule;
typedef struct CUfunc_st* CUfunction;
typedef struct {
  unsigned char bytes[16];
} CUuuid;

/* CUdevice_attribute */
enum {
  CU_DEVICE_ATTRIBUTE_INTEGRATED = 18,
  CU_DEVICE_ATTRIBUTE_COMPUTE_MODE = 20,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
};

#endif
