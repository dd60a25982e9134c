/* A libnvidia-ml.so.1 with two GPUs. With -DOLD one with the oldest names that the probe knows. */
#include "fake.h"
#include "nvml_api.h"

enum { kNotSupported = 3, kInvalidArgument = 2, kLost = 15 };

static int index_of(nvmlDevice_t d) { return (int)(intptr_t)d - 1; }

#ifdef OLD
#define NAME(newest, older) older
#else
#define NAME(newest, older) newest
#endif

API NAME(nvmlInit_v2, nvmlInit)(void) {
  FAKE();
  return 0;
}

API nvmlSystemGetDriverVersion(char* words, unsigned size) {
  FAKE();
  snprintf(words, size, fault_number("value", "nvmlSystemGetDriverVersion") ? "none" : "580.95.05");
  return 0;
}

API NAME(nvmlSystemGetCudaDriverVersion_v2, nvmlSystemGetCudaDriverVersion)(int* version) {
  FAKE();
  *version = 13000;
  return 0;
}

API NAME(nvmlDeviceGetCount_v2, nvmlDeviceGetCount)(unsigned* count) {
  unsigned long lie = fault_number("count", __func__);
  FAKE();
  *count = lie ? (unsigned)lie : 2;
  return 0;
}

API NAME(nvmlDeviceGetHandleByIndex_v2, nvmlDeviceGetHandleByIndex)(unsigned index, nvmlDevice_t* d) {
  FAKE();
  if (fault_number("lost", __func__) && index == 0) return kLost;
  *d = (nvmlDevice_t)(intptr_t)(index + 1);
  return 0;
}

API nvmlDeviceGetName(nvmlDevice_t d, char* words, unsigned size) {
  FAKE();
  snprintf(words, size, index_of(d) == 0 ? "NVIDIA A800-SXM4-80GB" : "NVIDIA H200");
  return 0;
}

API nvmlDeviceGetUUID(nvmlDevice_t d, char* words, unsigned size) {
  FAKE();
  snprintf(words, size, "GPU-00000000-0000-0000-0000-00000000000%d", index_of(d));
  return 0;
}

API NAME(nvmlDeviceGetPciInfo_v3, nvmlDeviceGetPciInfo_v2)(nvmlDevice_t d, union nvmlPciInfo* pci) {
  FAKE();
  pci->info.domain = 0;
  pci->info.bus = index_of(d) == 0 ? 0x3b : 0x86;
  pci->info.device = 0;
  return 0;
}

API nvmlDeviceGetCudaComputeCapability(nvmlDevice_t d, int* major, int* minor) {
  FAKE();
  *major = 8 + index_of(d);
  *minor = 0;
  return 0;
}

API nvmlDeviceGetMemoryInfo(nvmlDevice_t d, struct nvmlMemory* memory) {
  (void)d;
  FAKE();
  memory->total = 80ull << 30;
  memory->free = 79ull << 30;
  memory->used = 1ull << 30;
  return 0;
}

/* Functions that give a number or two. */
#define ONE(name, number)                     \
  API name(nvmlDevice_t d, unsigned* value) { \
    (void)d;                                  \
    FAKE();                                   \
    *value = number;                          \
    return 0;                                 \
  }
#define ONE_OF(name, number)                                 \
  API name(nvmlDevice_t d, unsigned kind, unsigned* value) { \
    (void)d, (void)kind;                                     \
    FAKE();                                                  \
    *value = number;                                         \
    return 0;                                                \
  }
#define TWO(name, now, pending)                        \
  API name(nvmlDevice_t d, unsigned* a, unsigned* b) { \
    (void)d;                                           \
    FAKE();                                            \
    *a = now;                                          \
    *b = pending;                                      \
    return 0;                                          \
  }
ONE(nvmlDeviceGetMinorNumber, (unsigned)index_of(d))
ONE(nvmlDeviceGetPersistenceMode, 1)
ONE(nvmlDeviceGetComputeMode, 3)
ONE(nvmlDeviceGetCurrPcieLinkGeneration, 1)
ONE(nvmlDeviceGetMaxPcieLinkGeneration, 4)
ONE(nvmlDeviceGetCurrPcieLinkWidth, 8)
ONE(nvmlDeviceGetMaxPcieLinkWidth, 16)
ONE(nvmlDeviceGetPowerUsage, 61000)
ONE(NAME(nvmlDeviceGetEnforcedPowerLimit, nvmlDeviceGetPowerManagementLimit), 400000)
ONE_OF(nvmlDeviceGetClockInfo, kind == NVML_CLOCK_SM ? 210 : 1215)
ONE_OF(nvmlDeviceGetMaxClockInfo, kind == NVML_CLOCK_SM ? 1410 : 1593)
ONE_OF(nvmlDeviceGetTemperature, 33)
TWO(nvmlDeviceGetMigMode, 0, 1)
TWO(nvmlDeviceGetEccMode, 1, 0)

API nvmlDeviceGetTotalEccErrors(nvmlDevice_t d, int type, int counter, unsigned long long* errors) {
  (void)d;
  FAKE();
  *errors = type == NVML_MEMORY_ERROR_TYPE_UNCORRECTED && counter == NVML_VOLATILE_ECC ? 5 : 99;
  return 0;
}

API nvmlDeviceGetRemappedRows(nvmlDevice_t d, unsigned* corrected, unsigned* uncorrected, unsigned* pending,
                              unsigned* failed) {
  FAKE();
  if (index_of(d) == 1) return kNotSupported;
  *corrected = 1, *uncorrected = 2, *pending = 1, *failed = 0;
  return 0;
}

API NAME(nvmlDeviceGetCurrentClocksEventReasons,
         nvmlDeviceGetCurrentClocksThrottleReasons)(nvmlDevice_t d, unsigned long long* reasons) {
  (void)d;
  FAKE();
  *reasons = 0x1 | 0x4;
  return 0;
}

API nvmlDeviceGetFieldValues(nvmlDevice_t d, int count, struct nvmlFieldValue* values) {
  (void)d, (void)count;
  FAKE();
  values->value.number = values->fieldId == NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON ? 25000 : 1;
  values->nvmlReturn =
      values->fieldId != NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON && index_of(d) == 1 ? kNotSupported : 0;
  return 0;
}

/* Twelve links, one of them down. */
API nvmlDeviceGetNvLinkState(nvmlDevice_t d, unsigned link, unsigned* up) {
  FAKE();
  if (index_of(d) == 1) return kNotSupported;
  if (link >= 12) return kInvalidArgument;
  *up = link != 5;
  return 0;
}

#ifdef OLD
API nvmlDeviceGetGpuFabricInfo(nvmlDevice_t d, union nvmlFabric* fabric) {
  FAKE();
  fabric->v1.state = index_of(d) == 0 ? NVML_GPU_FABRIC_STATE_NOT_SUPPORTED : 3;
  return 0;
}
#else
API nvmlDeviceGetGpuFabricInfoV(nvmlDevice_t d, union nvmlFabric* fabric) {
  FAKE();
  if (fabric->v2.version != NVML_GPU_FABRIC_INFO_V2) return kInvalidArgument;
  fabric->v2.state = index_of(d) == 0 ? NVML_GPU_FABRIC_STATE_NOT_SUPPORTED : 3;
  return 0;
}
#endif

/* This process and one that is not to be seen; the second GPU under MIG, where nobody knows the memory. */
API NAME(nvmlDeviceGetComputeRunningProcesses_v3,
         nvmlDeviceGetComputeRunningProcesses_v2)(nvmlDevice_t d, unsigned* count, struct nvmlProcess* all) {
  unsigned long lie = fault_number("count", __func__);
  FAKE();
  if (*count < 2) return 7;
  all[0].pid = 1;
  all[0].usedGpuMemory = index_of(d) == 0 ? 1ull << 20 : NVML_VALUE_NOT_AVAILABLE;
  all[1].pid = 4000000000u;
  *count = lie ? (unsigned)lie : 2;
  return 0;
}

API NAME(nvmlDeviceGetGraphicsRunningProcesses_v3,
         nvmlDeviceGetGraphicsRunningProcesses_v2)(nvmlDevice_t d, unsigned* count, struct nvmlProcess* all) {
  FAKE();
  if (index_of(d) == 1) return kNotSupported;
  all[0].pid = 1;
  all[0].usedGpuMemory = 1ull << 20;
  *count = 1;
  return 0;
}

API nvmlDeviceGetP2PStatus(nvmlDevice_t a, nvmlDevice_t b, int which, unsigned* status) {
  (void)a, (void)b, (void)which;
  FAKE();
  *status = 4;
  return 0;
}

API nvmlDeviceGetTopologyCommonAncestor(nvmlDevice_t a, nvmlDevice_t b, unsigned* level) {
  (void)a, (void)b;
  FAKE();
  *level = 20;
  return 0;
}
