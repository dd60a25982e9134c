#include "prove.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "calls.h"

enum { kBlocks = 4, kThreads = 64, kNumbers = kBlocks * kThreads };

static struct {
  CUdevice id;
  int known;
  CUcontext context;
  char on[16];
} devices[kMaxGpus];

void found_device(int ordinal, CUdevice device) {
  devices[ordinal].id = device;
  devices[ordinal].known = 1;
  snprintf(devices[ordinal].on, sizeof devices[ordinal].on, "%d", ordinal);
}

static int worked(int works) {
  tell();
  return works;
}

static int make_current(uint32_t d) {
  struct call c = ask(devices[d].on, "", "cuCtxSetCurrent", NULL);
  return worked(CALL(c, int (*)(CUcontext), devices[d].context));
}

/* The context that the CUDA runtime would use; drivers before CUDA 7 have none. It is not given back: the end
 * of the process does that, and nobody has to wait for it (68 ms on an H200). */
static int make_context(uint32_t d) {
  struct call c = ask(devices[d].on, "", "cuDevicePrimaryCtxRetain", "cuCtxCreate_v2");
  if (c.name[2] == 'D')
    return worked(CALL(c, int (*)(CUcontext*, CUdevice), &devices[d].context, devices[d].id));
  return worked(CALL(c, int (*)(CUcontext*, unsigned, CUdevice), &devices[d].context, 0, devices[d].id));
}

static void prove_context(uint32_t d) {
  size_t unused = 0, all = 0;
  if (!make_context(d) || !make_current(d)) return;
  struct call c = ask(devices[d].on, "memory_free", "cuMemGetInfo_v2", "cuMemGetInfo");
  int works = CALL(c, int (*)(size_t*, size_t*), &unused, &all);
  if (works) number("memory_free", unused);
  if (worked(works)) frame(kWireProved);
  tell();
}

/* A driver that did not find its compiler (221) answers the next load, of whatever code, with 999 (R580 on an
 * H200). That is no answer about this code: it is asked again. */
static int load(const char* on, const void* code, CUmodule* module) {
  enum { kNoCompiler = 221, kUnknown = 999 };
  static int last;
  struct call c = ask(on, "", "cuModuleLoadData", NULL);
  int (*load_data)(CUmodule*, const void*) = (int (*)(CUmodule*, const void*))c.symbol;
  if (!load_data) return worked(0);
  int error = load_data(module, code);
  if (last == kNoCompiler && error == kUnknown) error = load_data(module, code);
  last = error;
  return worked(answered(&c, error));
}

static void unload(const char* on, CUmodule module) {
  struct call c = ask(on, "", "cuModuleUnload", NULL);
  worked(CALL(c, int (*)(CUmodule), module));
}

static void prove_load(const char* on, const void* code) {
  CUmodule module = NULL;
  if (!load(on, code, &module)) return;
  frame(kWireProved);
  tell();
  unload(on, module);
}

/* Runs the kernel of kernel/kernel.ptx and fetches what it wrote. */
static int compute(const char* on, CUmodule module, CUdeviceptr buffer, uint32_t* numbers) {
  CUfunction kernel = NULL;
  void* parameters[] = {&buffer};
  struct call c = ask(on, "", "cuModuleGetFunction", NULL);
  if (!worked(CALL(c, int (*)(CUfunction*, CUmodule, const char*), &kernel, module, "cufit_probe"))) return 0;
  c = ask(on, "", "cuLaunchKernel", NULL);
  if (!worked(CALL(c,
                   int (*)(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                           void*, void**, void**),
                   kernel, kBlocks, 1, 1, kThreads, 1, 1, 0, NULL, parameters, NULL)))
    return 0;
  c = ask(on, "", "cuCtxSynchronize", NULL);
  if (!worked(CALL(c, int (*)(void)))) return 0;
  c = ask(on, "", "cuMemcpyDtoH_v2", NULL);
  return worked(CALL(c, int (*)(void*, CUdeviceptr, size_t), numbers, buffer, kNumbers * sizeof *numbers));
}

static int are_right(const uint32_t* numbers) {
  for (uint32_t i = 0; i < kNumbers; i++)
    if (numbers[i] != i * i + 7) return 0;
  return 1;
}

static void prove_run(const char* on, const void* code) {
  static uint32_t numbers[kNumbers];
  CUmodule module = NULL;
  CUdeviceptr buffer = 0;
  for (int i = 0; i < kNumbers; i++) numbers[i] = 0;
  if (!load(on, code, &module)) return;
  struct call c = ask(on, "", "cuMemAlloc_v2", NULL);
  int works = worked(CALL(c, int (*)(CUdeviceptr*, size_t), &buffer, sizeof numbers));
  if (works && compute(on, module, buffer, numbers)) {
    frame(kWireProved);
    number("right", (uint64_t)are_right(numbers));
    tell();
  }
  if (works) {
    c = ask(on, "", "cuMemFree_v2", NULL);
    worked(CALL(c, int (*)(CUdeviceptr), buffer));
  }
  unload(on, module);
}

static int take(void* out, size_t size) {
  char* at = out;
  while (size > 0) {
    ssize_t n = read(kCommandsFd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    at += n;
    size -= (size_t)n;
  }
  return 1;
}

/* GPU code is not told its size: PTX ends with a zero, the others hold their size. */
static char* take_code(size_t size) {
  char* code = malloc(size + 1);
  if (!code || !take(code, size)) _exit(kExitUnheard);
  code[size] = '\0';
  return code;
}

static void obey_one(const struct WireCommand* command) {
  uint32_t d = command->device;
  char* code = take_code(command->size);
  int can = d < kMaxGpus && devices[d].known;
  if (can && command->op == kWireContext) prove_context(d);
  if (can && devices[d].context && command->op != kWireContext && make_current(d))
    (command->op == kWireRun ? prove_run : prove_load)(devices[d].on, code);
  free(code);
}

void obey(void) {
  struct WireCommand command;
  for (;;) {
    frame(kWireReady);
    tell();
    if (!take(&command, sizeof command) || command.op == kWireEnd) break;
    obey_one(&command);
  }
}
