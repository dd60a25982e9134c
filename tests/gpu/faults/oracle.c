// What the driver itself answers, asked without cufit: oracle WORD...
//
//   init       cuInit, the version of libcuda, and of the first GPU: compute capability and UUID
//   context    a context on the first GPU
//   jit        loads PTX that fits every GPU and driver
//   image=FILE loads a cubin, a fat binary or PTX text
//   nvml       nvmlInit_v2, number of GPUs, nvmlShutdown
//   shm        bytes of /dev/shm
//   hold       takes all memory of the first GPU, says "held", and ends when its input does
//
// Prints "WORD VALUE" per line; the value of a call is its code, -1 where its library cannot be loaded, -2
// where that lacks the function. A word of CUDA implies those before it; what failed ends them. Needs no
// header and no library of CUDA: declarations as in https://docs.nvidia.com/cuda/cuda-driver-api/ and
// https://docs.nvidia.com/deploy/nvml-api/.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { no_library = -1, no_function = -2, out_of_memory = 2 };

static void* opened(const char* name) {
  void* library = dlopen(name, RTLD_NOW);
  if (!library) printf("# %s\n", dlerror());
  return library;
}

// The code that a function of a library returns.
#define CALL(library, name, types, ...)   \
  (!(library)               ? no_library  \
   : !dlsym(library, #name) ? no_function \
                            : ((int(*) types)dlsym(library, #name))__VA_ARGS__)

static int said(const char* word, int code) {
  printf("%s %d\n", word, code);
  fflush(stdout);
  return code;
}

static void* cuda;

static void print_device(int device) {
  int count = 0, major = 0, minor = 0, version = 0;
  unsigned char uuid[16];
  if (!CALL(cuda, cuDriverGetVersion, (int*), (&version))) said("cuda", version);
  if (!CALL(cuda, cuDeviceGetCount, (int*), (&count))) said("count", count);
  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, _MINOR
  if (!CALL(cuda, cuDeviceGetAttribute, (int*, int, int), (&major, 75, device)) &&
      !CALL(cuda, cuDeviceGetAttribute, (int*, int, int), (&minor, 76, device)))
    said("cc", 10 * major + minor);
  if (CALL(cuda, cuDeviceGetUuid, (void*, int), (uuid, device))) return;
  printf("uuid GPU-");
  for (int i = 0; i < 16; i++) printf(i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", uuid[i]);
  printf("\n");
}

/// The first device, or one below 0.
static int started(void) {
  static int asked, device = -1;
  if (asked++) return device;
  cuda = opened("libcuda.so.1");
  int code = CALL(cuda, cuInit, (unsigned), (0));
  // Without a GPU that is visible, cuInit succeeds where CUDA_VISIBLE_DEVICES hides all but is well formed.
  if (!code && (code = CALL(cuda, cuDeviceGet, (int*, int), (&device, 0)))) device = -1;
  said("init", code);
  if (!code) print_device(device);
  return device;
}

static int has_context(void) {
  static int asked, code = -1;
  if (asked++) return !code;
  int device = started();
  if (device < 0) return 0;
  void* context = NULL;
  code = CALL(cuda, cuDevicePrimaryCtxRetain, (void**, int), (&context, device));
  if (!code) code = CALL(cuda, cuCtxSetCurrent, (void*), (context));
  return !said("context", code);
}

static void load(const char* word, const void* image) {
  void* module = NULL;
  if (has_context()) said(word, CALL(cuda, cuModuleLoadData, (void**, const void*), (&module, image)));
}

/// The bytes with a zero behind them, as PTX text must end.
static char* bytes_of(const char* path) {
  FILE* f = fopen(path, "rb");
  if (!f || fseek(f, 0, SEEK_END)) exit(3);
  long size = ftell(f);
  rewind(f);
  char* bytes = calloc(1, (size_t)size + 1);
  if (!bytes || fread(bytes, 1, (size_t)size, f) != (size_t)size) exit(3);
  fclose(f);
  return bytes;
}

static void ask_nvml(void) {
  void* nvml = opened("libnvidia-ml.so.1");
  unsigned count = 0;
  if (said("nvml", CALL(nvml, nvmlInit_v2, (void), ()))) return;
  if (!CALL(nvml, nvmlDeviceGetCount_v2, (unsigned*), (&count))) said("nvml-count", (int)count);
  CALL(nvml, nvmlShutdown, (void), ());
}

static void hold(void) {
  if (!has_context()) return;
  unsigned long long address = 0, taken = 0;
  for (size_t size = (size_t)1 << 33; size >= (size_t)1 << 16; size >>= 1)
    while (!CALL(cuda, cuMemAlloc_v2, (unsigned long long*, size_t), (&address, size))) taken += size;
  printf("held %llu\n", taken >> 20);
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) continue;
}

int main(int argc, char** argv) {
  for (int i = 1; i < argc; i++) {
    struct statvfs shm;
    if (!strcmp(argv[i], "init")) started();
    if (!strcmp(argv[i], "context")) has_context();
    if (!strcmp(argv[i], "jit"))
      load("jit", ".version 4.3\n.target sm_30\n.address_size 64\n.visible .entry k()\n{\n\tret;\n}\n");
    if (!strncmp(argv[i], "image=", 6)) load("image", bytes_of(argv[i] + 6));
    if (!strcmp(argv[i], "nvml")) ask_nvml();
    if (!strcmp(argv[i], "shm") && !statvfs("/dev/shm", &shm))
      printf("shm %llu\n", (unsigned long long)shm.f_frsize * shm.f_blocks);
    if (!strcmp(argv[i], "hold")) hold();
  }
  fflush(stdout);
  // What a driver does at the end of a program is none of the question.
  _exit(0);
}
