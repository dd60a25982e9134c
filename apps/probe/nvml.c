#include "nvml.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calls.h"
#include "nvml_api.h"

typedef int (*Number)(nvmlDevice_t, unsigned*);
typedef int (*NumberOf)(nvmlDevice_t, unsigned, unsigned*);
typedef int (*Two)(nvmlDevice_t, unsigned*, unsigned*);
typedef int (*Text)(nvmlDevice_t, char*, unsigned);

struct device {
  nvmlDevice_t handle; /* NULL: it has none, it is lost */
  char on[16];
};

/* Functions that give one number of a device. */
static const struct {
  const char *fact, *newest, *older;
} kNumbers[] = {
    {"minor", "nvmlDeviceGetMinorNumber", NULL},
    {"persistence", "nvmlDeviceGetPersistenceMode", NULL},
    {"compute_mode", "nvmlDeviceGetComputeMode", NULL},
    {"pcie_generation", "nvmlDeviceGetCurrPcieLinkGeneration", NULL},
    {"pcie_generation_max", "nvmlDeviceGetMaxPcieLinkGeneration", NULL},
    {"pcie_width", "nvmlDeviceGetCurrPcieLinkWidth", NULL},
    {"pcie_width_max", "nvmlDeviceGetMaxPcieLinkWidth", NULL},
    {"power", "nvmlDeviceGetPowerUsage", NULL},
    {"power_limit", "nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetPowerManagementLimit"},
};

/* The same of one kind. */
static const struct {
  const char *fact, *name;
  unsigned kind;
} kNumbersOf[] = {
    {"sm_clock", "nvmlDeviceGetClockInfo", NVML_CLOCK_SM},
    {"memory_clock", "nvmlDeviceGetClockInfo", NVML_CLOCK_MEM},
    {"sm_clock_max", "nvmlDeviceGetMaxClockInfo", NVML_CLOCK_SM},
    {"memory_clock_max", "nvmlDeviceGetMaxClockInfo", NVML_CLOCK_MEM},
    {"temperature", "nvmlDeviceGetTemperature", NVML_TEMPERATURE_GPU},
};

/* Modes: the one that counts now, and the one after the next reset. */
static const struct {
  const char *fact, *name;
} kModes[] = {{"mig", "nvmlDeviceGetMigMode"}, {"ecc", "nvmlDeviceGetEccMode"}};

static void ask_text(const struct device* d, const char* fact, const char* name) {
  char words[NVML_TEXT_SIZE] = "";
  struct call c = ask(d->on, fact, name, NULL);
  if (CALL(c, Text, d->handle, words, sizeof words - 1)) text(fact, words);
  tell();
}

static void ask_address(const struct device* d) {
  union nvmlPciInfo pci;
  char words[32];
  memset(&pci, 0, sizeof pci);
  struct call c = ask(d->on, "address", "nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2");
  if (CALL(c, int (*)(nvmlDevice_t, void*), d->handle, &pci)) {
    snprintf(words, sizeof words, "%04x:%02x:%02x.0", pci.info.domain, pci.info.bus, pci.info.device);
    text("address", words);
  }
  tell();
}

static void ask_capability(const struct device* d) {
  unsigned major = 0, minor = 0;
  struct call c = ask(d->on, "sm", "nvmlDeviceGetCudaComputeCapability", NULL);
  if (CALL(c, Two, d->handle, &major, &minor)) number("sm", (uint64_t)major << 32 | minor);
  tell();
}

static void ask_memory(const struct device* d) {
  struct nvmlMemory memory = {0, 0, 0};
  struct call c = ask(d->on, "memory memory_free", "nvmlDeviceGetMemoryInfo", NULL);
  if (CALL(c, int (*)(nvmlDevice_t, struct nvmlMemory*), d->handle, &memory)) {
    number("memory", memory.total);
    number("memory_free", memory.free);
  }
  tell();
}

static void ask_errors(const struct device* d) {
  unsigned long long errors = 0;
  unsigned corrected = 0, uncorrected = 0, pending = 0, failed = 0;
  struct call c = ask(d->on, "ecc_uncorrected", "nvmlDeviceGetTotalEccErrors", NULL);
  if (CALL(c, int (*)(nvmlDevice_t, int, int, unsigned long long*), d->handle,
           NVML_MEMORY_ERROR_TYPE_UNCORRECTED, NVML_VOLATILE_ECC, &errors))
    number("ecc_uncorrected", errors);
  tell();
  c = ask(d->on, "remapped_rows remap_pending remap_failed", "nvmlDeviceGetRemappedRows", NULL);
  if (CALL(c, int (*)(nvmlDevice_t, unsigned*, unsigned*, unsigned*, unsigned*), d->handle, &corrected,
           &uncorrected, &pending, &failed)) {
    number("remapped_rows", uncorrected);
    number("remap_pending", pending);
    number("remap_failed", failed);
  }
  tell();
}

static void ask_clock_reasons(const struct device* d) {
  unsigned long long reasons = 0;
  struct call c = ask(d->on, "clock_reasons", "nvmlDeviceGetCurrentClocksEventReasons",
                      "nvmlDeviceGetCurrentClocksThrottleReasons");
  if (CALL(c, int (*)(nvmlDevice_t, unsigned long long*), d->handle, &reasons))
    number("clock_reasons", reasons);
  tell();
}

/* A number that has no function of its own. Such a call works even if the number cannot be had: then the
 * field says why. A driver that does not know the field calls it an invalid argument. */
static int field_value(const struct device* d, const char* fact, unsigned field, unsigned* value) {
  struct nvmlFieldValue asked;
  memset(&asked, 0, sizeof asked);
  asked.fieldId = field;
  struct call c = ask(d->on, fact, "nvmlDeviceGetFieldValues", NULL);
  if (!c.symbol) return 0;
  int code = ((int (*)(nvmlDevice_t, int, struct nvmlFieldValue*))c.symbol)(d->handle, 1, &asked);
  *value = asked.value.number;
  if (answered(&c, code != 0 ? code : asked.nvmlReturn)) return 1;
  if (code == 0 && asked.nvmlReturn == NVML_ERROR_INVALID_ARGUMENT) absent(fact);
  return 0;
}

static void ask_recovery(const struct device* d) {
  unsigned value = 0;
  if (field_value(d, "recovery", NVML_FI_DEV_GET_GPU_RECOVERY_ACTION, &value)) number("recovery", value);
  tell();
}

/* Links are numbered; behind the last one a number is refused. That is how many there are, and no failure. */
static unsigned count_links(const struct device* d) {
  unsigned up = 0, is_up = 0;
  for (unsigned link = 0; link < kMaxLinks; link++) {
    struct call c = ask(d->on, "nvlinks nvlink_rate", "nvmlDeviceGetNvLinkState", NULL);
    int is_link = CALL(c, NumberOf, d->handle, link, &is_up);
    int refused = c.code == NVML_ERROR_INVALID_ARGUMENT || c.code == NVML_ERROR_NOT_SUPPORTED;
    if (is_link && is_up == 1) up++;
    if ((is_link && link + 1 == kMaxLinks) || (refused && link > 0)) {
      number("nvlinks", up);
      absent("nvlink_rate");
    }
    tell();
    if (!is_link) break;
  }
  return up;
}

static void ask_links(const struct device* d) {
  unsigned rate = 0, up = count_links(d);
  if (up > 0 && field_value(d, "nvlink_rate", NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON, &rate))
    number("nvlink_rate", (uint64_t)rate * up);
  tell();
}

static void ask_fabric(const struct device* d) {
  union nvmlFabric fabric;
  memset(&fabric, 0, sizeof fabric);
  struct call c = ask(d->on, "fabric", "nvmlDeviceGetGpuFabricInfoV", "nvmlDeviceGetGpuFabricInfo");
  int versioned = c.name[strlen(c.name) - 1] == 'V';
  if (versioned) fabric.v2.version = NVML_GPU_FABRIC_INFO_V2;
  if (CALL(c, int (*)(nvmlDevice_t, void*), d->handle, &fabric)) {
    unsigned state = versioned ? fabric.v2.state : fabric.v1.state;
    if (state == NVML_GPU_FABRIC_STATE_NOT_SUPPORTED)
      absent("fabric");
    else
      number("fabric", state);
  }
  tell();
}

/* What the kernel calls a program; empty if it is not to be seen. */
static void name_of(unsigned pid, char* name, size_t size) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%u/comm", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, name, size - 1);
  if (fd >= 0) close(fd);
  if (n > 0 && name[n - 1] == '\n') n--;
  name[n > 0 ? n : 0] = '\0';
}

/* `fact`: of the list that begins it; empty for one that adds to it. */
static void ask_processes(const struct device* d, const char* fact, const char* newest, const char* older) {
  static struct nvmlProcess processes[kMaxProcesses];
  static unsigned told;
  unsigned count = kMaxProcesses;
  char name[32];
  memset(processes, 0, sizeof processes);
  struct call c = ask(d->on, fact, newest, older);
  int works = CALL(c, int (*)(nvmlDevice_t, unsigned*, struct nvmlProcess*), d->handle, &count, processes);
  if (works && *fact) number(fact, count);
  tell();
  for (unsigned i = 0; works && i < count && told < kMaxProcesses; i++, told++) {
    name_of(processes[i].pid, name, sizeof name);
    frame(kWireProcess);
    text("on", d->on);
    text("call", c.name);
    number("pid", processes[i].pid);
    if (processes[i].usedGpuMemory != NVML_VALUE_NOT_AVAILABLE) number("memory", processes[i].usedGpuMemory);
    text("name", name);
    tell();
  }
}

static void ask_device(const struct device* d) {
  ask_text(d, "name", "nvmlDeviceGetName");
  ask_text(d, "uuid", "nvmlDeviceGetUUID");
  ask_address(d);
  ask_capability(d);
  ask_memory(d);
  for (size_t i = 0; i < sizeof kModes / sizeof *kModes; i++) {
    unsigned current = 0, pending = 0;
    struct call c = ask(d->on, kModes[i].fact, kModes[i].name, NULL);
    if (CALL(c, Two, d->handle, &current, &pending)) number(kModes[i].fact, current);
    tell();
  }
  for (size_t i = 0; i < sizeof kNumbers / sizeof *kNumbers; i++) {
    unsigned value = 0;
    struct call c = ask(d->on, kNumbers[i].fact, kNumbers[i].newest, kNumbers[i].older);
    if (CALL(c, Number, d->handle, &value)) number(kNumbers[i].fact, value);
    tell();
  }
  for (size_t i = 0; i < sizeof kNumbersOf / sizeof *kNumbersOf; i++) {
    unsigned value = 0;
    struct call c = ask(d->on, kNumbersOf[i].fact, kNumbersOf[i].name, NULL);
    if (CALL(c, NumberOf, d->handle, kNumbersOf[i].kind, &value)) number(kNumbersOf[i].fact, value);
    tell();
  }
  ask_errors(d);
  ask_clock_reasons(d);
  ask_recovery(d);
  ask_links(d);
  ask_fabric(d);
  ask_processes(d, "processes", "nvmlDeviceGetComputeRunningProcesses_v3",
                "nvmlDeviceGetComputeRunningProcesses_v2");
  ask_processes(d, "", "nvmlDeviceGetGraphicsRunningProcesses_v3",
                "nvmlDeviceGetGraphicsRunningProcesses_v2");
}

static void ask_pair(const struct device* a, const struct device* b) {
  unsigned value = 0;
  char on[32];
  snprintf(on, sizeof on, "%s,%s", a->on, b->on);
  struct call c = ask(on, "p2p", "nvmlDeviceGetP2PStatus", NULL);
  if (CALL(c, int (*)(nvmlDevice_t, nvmlDevice_t, int, unsigned*), a->handle, b->handle,
           NVML_P2P_CAPS_INDEX_READ, &value))
    number("p2p", value);
  tell();
  c = ask(on, "path", "nvmlDeviceGetTopologyCommonAncestor", NULL);
  if (CALL(c, int (*)(nvmlDevice_t, nvmlDevice_t, unsigned*), a->handle, b->handle, &value))
    number("path", value);
  tell();
}

static void ask_system(void) {
  char words[NVML_TEXT_SIZE] = "";
  int cuda = 0;
  struct call c = ask("", "driver", "nvmlSystemGetDriverVersion", NULL);
  if (CALL(c, int (*)(char*, unsigned), words, sizeof words - 1)) text("driver", words);
  tell();
  c = ask("", "cuda", "nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion");
  if (CALL(c, int (*)(int*), &cuda)) number("cuda", (uint32_t)cuda);
  tell();
}

void ask_nvml(void) {
  static struct device devices[kMaxGpus];
  unsigned count = 0;
  if (!open_library("libnvidia-ml.so.1")) return;
  struct call c = ask("", "driver cuda count", "nvmlInit_v2", "nvmlInit");
  int works = CALL(c, int (*)(void));
  tell();
  if (!works) return;
  ask_system();
  c = ask("", "count", "nvmlDeviceGetCount_v2", "nvmlDeviceGetCount");
  if (CALL(c, int (*)(unsigned*), &count)) number("count", count);
  tell();
  if (count > kMaxGpus) count = kMaxGpus;
  for (unsigned i = 0; i < count; i++) {
    snprintf(devices[i].on, sizeof devices[i].on, "%u", i);
    c = ask(devices[i].on, "*", "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex");
    if (!CALL(c, int (*)(unsigned, nvmlDevice_t*), i, &devices[i].handle)) devices[i].handle = NULL;
    tell();
    if (devices[i].handle) ask_device(&devices[i]);
  }
  for (unsigned a = 0; a < count; a++)
    for (unsigned b = a + 1; b < count; b++)
      if (devices[a].handle && devices[b].handle) ask_pair(&devices[a], &devices[b]);
}
