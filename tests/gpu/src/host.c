// The program around the units: launches the kernel of each and prints "UNIT NUMBER STAGE CODE ARCH IMAGE".
// A failure before the first launch is printed as that of unit 0. Declares what it needs of libcudart by itself.
#include <stdio.h>

#include "units.h"

extern int cudaGetDeviceCount(int*);
extern int cudaFree(void*);
extern int cudaMalloc(void**, size_t);
extern int cudaDeviceSynchronize(void);
extern int cudaMemcpy(void*, const void*, size_t, int);
extern int cudaGetLastError(void);

enum { kMost = 16, kToHost = 2 };
static launch_t launches[kMost];

void add_unit(int number, launch_t launch) { launches[number] = launch; }

static int say(int unit, const char* stage, int code, const int* results) {
  printf("UNIT %d %s %d %d %d\n", unit, code ? stage : "ok", code, results[0], results[1]);
  fflush(stdout);
  return code != 0;
}

int run_units(void) {
  int count = 0, failed = 0, results[2] = {0, 0}, code;
  void* out = NULL;
  if ((code = cudaGetDeviceCount(&count))) return say(0, "count", code, results);
  if ((code = cudaFree(NULL)) || (code = cudaMalloc(&out, sizeof results)))
    return say(0, "init", code, results);
  for (int i = 0; i < kMost; i++) {
    if (!launches[i]) continue;
    results[0] = results[1] = 0;
    code = launches[i](out);
    if (!code) code = cudaDeviceSynchronize();
    if (!code) code = cudaMemcpy(results, out, sizeof results, kToHost);
    failed |= say(i, "launch", code, results);
    cudaGetLastError();
  }
  return failed;
}

#ifndef LIBRARY
int main(void) { return run_units(); }
#endif
