// Loads an image through the driver API, launches its kernel `marker` and says what came of it.
//
//   driver LOAD FILE      LOAD: ex, data, fat, file (cuModuleLoad*), lib (cuLibraryLoadData)
//   driver                built with -DEMBEDDED: cuModuleLoadData of the image number PICK in this program
//
// Prints "UNIT 0 STAGE CODE ARCH IMAGE". Needs no CUDA headers and links to no CUDA library.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef EMBEDDED
extern const unsigned char image_0[], image_1[], image_2[];
#ifdef PACKED
#include <zstd.h>
extern const unsigned char image_0_end[], image_1_end[];
#endif
#endif

static void* libcuda;
static const char* stage = "init";
static int results[2];

static void done(int code) {
  printf("UNIT 0 %s %d %d %d\n", code ? stage : "ok", code, results[0], results[1]);
  fflush(stdout);
  exit(code != 0);
}

static void* call(const char* name) {
  void* f = dlsym(libcuda, name);
  if (!f) {
    fprintf(stderr, "libcuda has no %s\n", name);
    exit(3);
  }
  return f;
}

#define CU(name, types, ...)                     \
  do {                                           \
    int code = ((int(*) types)call(#name)) __VA_ARGS__; \
    if (code) done(code);                        \
  } while (0)

/// The bytes with a zero behind them, as PTX text must end.
static void* bytes_of(const char* path) {
  FILE* f = fopen(path, "rb");
  if (!f) exit(3);
  fseek(f, 0, SEEK_END);
  long size = ftell(f);
  rewind(f);
  char* bytes = calloc(1, (size_t)size + 1);
  if (!bytes || fread(bytes, 1, (size_t)size, f) != (size_t)size) exit(3);
  fclose(f);
  return bytes;
}

#ifdef EMBEDDED
static const void* embedded(void) {
#ifdef PACKED
  const unsigned char* begins[] = {image_0, image_1};
  const unsigned char* ends[] = {image_0_end, image_1_end};
  size_t packed = (size_t)(ends[PICK] - begins[PICK]), room = 1 << 20;
  void* bytes = calloc(1, room);
  if (!bytes || ZSTD_isError(ZSTD_decompress(bytes, room, begins[PICK], packed))) exit(3);
  return bytes;
#else
  const unsigned char* images[] = {image_0, image_1, image_2};
  return images[PICK];
#endif
}
#endif

int main(int argc, char** argv) {
  (void)argc, (void)argv;
  libcuda = dlopen("libcuda.so.1", RTLD_NOW);
  if (!libcuda) {
    fprintf(stderr, "%s\n", dlerror());
    return 3;
  }
  CU(cuInit, (unsigned), (0));
  int device = 0;
  void* context = NULL;
  stage = "count";
  CU(cuDeviceGet, (int*, int), (&device, 0));
  stage = "init";
  CU(cuDevicePrimaryCtxRetain, (void**, int), (&context, device));
  CU(cuCtxSetCurrent, (void*), (context));

  void *module = NULL, *kernel = NULL;
  stage = "moduleload";
#ifdef EMBEDDED
  CU(cuModuleLoadData, (void**, const void*), (&module, embedded()));
  const char* load = "data";
#else
  if (argc != 3) return 3;
  const char* load = argv[1];
  if (!strcmp(load, "file"))
    CU(cuModuleLoad, (void**, const char*), (&module, argv[2]));
  else if (!strcmp(load, "ex"))
    CU(cuModuleLoadDataEx, (void**, const void*, unsigned, int*, void**),
       (&module, bytes_of(argv[2]), 0, NULL, NULL));
  else if (!strcmp(load, "fat"))
    CU(cuModuleLoadFatBinary, (void**, const void*), (&module, bytes_of(argv[2])));
  else if (!strcmp(load, "lib"))
    CU(cuLibraryLoadData,
       (void**, const void*, int*, void**, unsigned, int*, void**, unsigned),
       (&module, bytes_of(argv[2]), NULL, NULL, 0, NULL, NULL, 0));
  else
    CU(cuModuleLoadData, (void**, const void*), (&module, bytes_of(argv[2])));
#endif
  stage = "getfunction";
  if (!strcmp(load, "lib")) {
    void* in_library = NULL;
    CU(cuLibraryGetKernel, (void**, void*, const char*), (&in_library, module, "marker"));
    CU(cuKernelGetFunction, (void**, void*), (&kernel, in_library));
  } else {
    CU(cuModuleGetFunction, (void**, void*, const char*), (&kernel, module, "marker"));
  }
  stage = "launch";
  unsigned long long out = 0;
  CU(cuMemAlloc_v2, (unsigned long long*, size_t), (&out, sizeof results));
  void* args[] = {&out};
  CU(cuLaunchKernel,
     (void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**),
     (kernel, 1, 1, 1, 1, 1, 1, 0, NULL, args, NULL));
  CU(cuMemcpyDtoH_v2, (void*, unsigned long long, size_t), (results, out, sizeof results));
  done(0);
}
