#include "cuda.h"

#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "cuda_api.h"
#include "prove.h"

typedef int (*OfDevice)(void*, CUdevice);
typedef int (*TextOfDevice)(char*, int, CUdevice);
typedef int (*Attribute)(int*, int, CUdevice);

static int attribute(CUdevice device, const char* on, const char* asks, int which, int* value) {
  struct call c = ask(on, asks, "cuDeviceGetAttribute", NULL);
  return CALL(c, Attribute, value, which, device);
}

static void ask_capability(CUdevice device, const char* on) {
  int major = 0, minor = 0;
  if (attribute(device, on, "sm", CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, &major) &&
      attribute(device, on, "sm", CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, &minor))
    number("sm", (uint64_t)(uint32_t)major << 32 | (uint32_t)minor);
  tell();
}

static void ask_attribute(CUdevice device, const char* on, const char* fact, int which) {
  int value = 0;
  if (attribute(device, on, fact, which, &value)) number(fact, (uint32_t)value);
  tell();
}

/* As nvidia-smi writes it. Only the function with _v2 gives an instance of MIG an identity of its own. */
static void ask_uuid(CUdevice device, const char* on, const char* name) {
  CUuuid uuid = {{0}};
  char words[48];
  int n = 0, mig = strstr(name, " MIG ") != NULL;
  struct call c = ask(on, "uuid", "cuDeviceGetUuid_v2", "cuDeviceGetUuid");
  if (CALL(c, OfDevice, &uuid, device)) {
    n = snprintf(words, sizeof words, mig ? "MIG" : "GPU");
    for (int i = 0; i < 16; i++)
      n += snprintf(words + n, sizeof words - (size_t)n, "%s%02x",
                    i == 0 || i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid.bytes[i]);
    text("uuid", words);
  }
  tell();
}

static void ask_device(int ordinal) {
  char on[16], name[256] = "", address[64] = "";
  CUdevice device = 0;
  size_t memory = 0;
  snprintf(on, sizeof on, "%d", ordinal);
  struct call c = ask(on, "*", "cuDeviceGet", NULL);
  int found = CALL(c, int (*)(CUdevice*, int), &device, ordinal);
  tell();
  if (!found) return;
  found_device(ordinal, device);
  c = ask(on, "name", "cuDeviceGetName", NULL);
  if (CALL(c, TextOfDevice, name, sizeof name - 1, device)) text("name", name);
  tell();
  ask_uuid(device, on, name);
  c = ask(on, "address", "cuDeviceGetPCIBusId", NULL);
  if (CALL(c, TextOfDevice, address, sizeof address - 1, device)) text("address", address);
  tell();
  c = ask(on, "memory", "cuDeviceTotalMem_v2", "cuDeviceTotalMem");
  if (CALL(c, OfDevice, &memory, device)) number("memory", memory);
  tell();
  ask_capability(device, on);
  ask_attribute(device, on, "compute_mode", CU_DEVICE_ATTRIBUTE_COMPUTE_MODE);
  ask_attribute(device, on, "integrated", CU_DEVICE_ATTRIBUTE_INTEGRATED);
}

void ask_cuda(int start) {
  int version = 0, count = 0;
  if (!open_library("libcuda.so.1")) return;
  struct call c = ask("", "cuda", "cuDriverGetVersion", NULL);
  if (CALL(c, int (*)(int*), &version)) number("cuda", (uint32_t)version);
  tell();
  if (!start) return;
  c = ask("", "init count", "cuInit", NULL);
  int works = CALL(c, int (*)(unsigned), 0);
  tell();
  if (!works) return;
  c = ask("", "count", "cuDeviceGetCount", NULL);
  if (CALL(c, int (*)(int*), &count)) number("count", (uint32_t)count);
  tell();
  for (int i = 0; i < count && i < kMaxGpus; i++) ask_device(i);
  if (count > 0) obey();
}
