/* The few types of NVML that are used here, written after its reference manual:
 * https://docs.nvidia.com/deploy/nvml-api/ . nvmlReturn_t is an int, 0 is success; enums are ints too. */
#ifndef CUFIT_PROBE_NVML_API_H
#define CUFIT_PROBE_NVML_API_H

#include <stdint.h>

typedef struct nvmlDevice_st* nvmlDevice_t;

enum {
  NVML_ERROR_INVALID_ARGUMENT = 2,
  NVML_ERROR_NOT_SUPPORTED = 3,
  NVML_TEXT_SIZE = 256, /* more than any text of it has */
  NVML_CLOCK_SM = 1,
  NVML_CLOCK_MEM = 2,
  NVML_TEMPERATURE_GPU = 0,
  NVML_MEMORY_ERROR_TYPE_UNCORRECTED = 1,
  NVML_VOLATILE_ECC = 0,
  NVML_P2P_CAPS_INDEX_READ = 0,
  NVML_GPU_FABRIC_STATE_NOT_SUPPORTED = 0,
  NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON = 90,
  NVML_FI_DEV_GET_GPU_RECOVERY_ACTION = 230,
  NVML_GPU_FABRIC_INFO_V2 = 0x02000024, /* size and version of the struct */
};
#define NVML_VALUE_NOT_AVAILABLE (~0ull)

struct nvmlMemory {
  unsigned long long total, free, used;
};

/* All versions begin so; they differ in what follows, for which there is room. */
union nvmlPciInfo {
  struct {
    char busIdLegacy[16];
    unsigned domain, bus, device;
  } info;
  char room[256];
};

/* Of the functions with _v2 and _v3. */
struct nvmlProcess {
  unsigned pid;
  unsigned long long usedGpuMemory;
  unsigned gpuInstanceId, computeInstanceId;
};

struct nvmlFieldValue {
  unsigned fieldId, scopeId;
  long long timestamp, latencyUsec;
  int valueType, nvmlReturn;
  union {
    unsigned number;
    double room;
  } value;
};

union nvmlFabric {
  struct {
    unsigned char clusterUuid[16];
    int status;
    unsigned cliqueId;
    unsigned char state;
  } v1;
  struct {
    unsigned version;
    unsigned char clusterUuid[16];
    int status;
    unsigned cliqueId;
    unsigned char state;
    unsigned healthMask;
  } v2;
  char room[256];
};

#endif
