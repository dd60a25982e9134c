/* A libcuda.so.1 with two GPUs that computes one thing: the kernel of apps/probe. With -DOLD one of CUDA 6.
 */
#include "cuda_api.h"
#include "fake.h"

static const struct {
  const char *name, *address;
  int major, minor;
} kGpus[] = {{"NVIDIA A800-SXM4-80GB", "0000:3B:00.0", 8, 0}, {"NVIDIA H200", "0000:86:00.0", 9, 0}};

API cuDriverGetVersion(int* version) {
  FAKE();
  *version = 13000;
  return 0;
}

API cuInit(unsigned flags) {
  (void)flags;
  FAKE();
  return 0;
}

API cuDeviceGetCount(int* count) {
  unsigned long lie = fault_number("count", "cuDeviceGetCount");
  FAKE();
  *count = lie ? (int)lie : 2;
  return 0;
}

API cuDeviceGet(CUdevice* device, int ordinal) {
  FAKE();
  if (fault_number("lost", "cuDeviceGet") && ordinal == 0) return 101;
  *device = ordinal;
  return 0;
}

API cuDeviceGetName(char* name, int size, CUdevice d) {
  FAKE();
  if (fault_number("bytes", "cuDeviceGetName")) {
    memset(name, 0xff, (size_t)size); /* no end, and no UTF-8 */
    return 0;
  }
  snprintf(name, (size_t)size, "%s", kGpus[d % 2].name);
  return 0;
}

static int uuid_of(CUuuid* uuid, CUdevice d) {
  for (int i = 0; i < 16; i++) uuid->bytes[i] = (unsigned char)(16 * d + i);
  return 0;
}

API cuDeviceGetUuid(CUuuid* uuid, CUdevice d) {
  FAKE();
  return uuid_of(uuid, d);
}

API cuDeviceGetPCIBusId(char* address, int size, CUdevice d) {
  FAKE();
  snprintf(address, (size_t)size, "%s", kGpus[d % 2].address);
  return 0;
}

API cuDeviceGetAttribute(int* value, int which, CUdevice d) {
  FAKE();
  switch (which) {
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      *value = kGpus[d % 2].major;
      break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      *value = kGpus[d % 2].minor;
      break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_MODE:
      *value = fault_number("value", "cuDeviceGetAttribute") ? 77 : 3;
      break;
    default:
      *value = 0;
  }
  return 0;
}

static int total(size_t* bytes, CUdevice d) {
  *bytes = (size_t)(80 + d) << 30;
  return 0;
}

#ifdef OLD
API cuDeviceTotalMem(size_t* bytes, CUdevice d) {
  FAKE();
  return total(bytes, d);
}

API cuCtxCreate_v2(CUcontext* context, unsigned flags, CUdevice d) {
  (void)flags;
  FAKE();
  *context = (CUcontext)(intptr_t)(d + 1);
  return 0;
}
#else
API cuDeviceTotalMem_v2(size_t* bytes, CUdevice d) {
  FAKE();
  return total(bytes, d);
}

API cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice d) {
  FAKE();
  return uuid_of(uuid, d);
}

API cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice d) {
  FAKE();
  if (fault_number("crash0", "cuDevicePrimaryCtxRetain") && d == 0) abort();
  *context = (CUcontext)(intptr_t)(d + 1);
  return 0;
}
#endif

API cuCtxSetCurrent(CUcontext context) {
  FAKE();
  return context ? 0 : 201;
}

API cuMemGetInfo_v2(size_t* unused, size_t* all) {
  FAKE();
  *unused = (size_t)79 << 30;
  *all = (size_t)80 << 30;
  return 0;
}

/* PTX, an ELF file or a fat binary; 200 is CUDA_ERROR_INVALID_IMAGE. */
API cuModuleLoadData(CUmodule* module, const void* code) {
  FAKE();
  *module = (CUmodule)(intptr_t)1;
  return strstr(code, ".version") ||
                 !memcmp(code,
                         "\x7f"
                         "ELF",
                         4) ||
                 !memcmp(code, "\x50\xed\x55\xba", 4)
             ? 0
             : 200;
}

API cuModuleUnload(CUmodule module) {
  FAKE();
  return module ? 0 : 400;
}

API cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  (void)module;
  FAKE();
  *function = (CUfunction)(intptr_t)1;
  return strcmp(name, "cufit_probe") == 0 ? 0 : 500;
}

API cuMemAlloc_v2(CUdeviceptr* buffer, size_t size) {
  FAKE();
  *buffer = (CUdeviceptr)(uintptr_t)calloc(1, size);
  return 0;
}

API cuMemFree_v2(CUdeviceptr buffer) {
  FAKE();
  free((void*)(uintptr_t)buffer);
  return 0;
}

API cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, void* stream, void** parameters, void** extra) {
  (void)f, (void)gy, (void)gz, (void)by, (void)bz, (void)shared, (void)stream, (void)extra;
  FAKE();
  uint32_t* out = (uint32_t*)(uintptr_t)*(CUdeviceptr*)parameters[0];
  for (uint32_t i = 0; i < gx * bx; i++) out[i] = i * i + 7;
  if (fault_number("wrong", "cuLaunchKernel")) out[100]++;
  return 0;
}

API cuCtxSynchronize(void) {
  FAKE();
  return 0;
}

API cuMemcpyDtoH_v2(void* to, CUdeviceptr from, size_t size) {
  FAKE();
  memcpy(to, (const void*)(uintptr_t)from, size);
  return 0;
}
