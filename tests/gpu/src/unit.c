// A unit whose fat binary (IMAGES, a file) was put together from single images: registered with libcudart as the
// code does that nvcc writes, so that every libcudart can be tried with every image.
#include <stddef.h>

#include "units.h"

struct dim3 {
  unsigned x, y, z;
};
extern void** __cudaRegisterFatBinary(void*);
extern void __cudaRegisterFatBinaryEnd(void**);
extern void __cudaRegisterFunction(void**, const char*, char*, const char*, int, void*, void*, void*, void*,
                                   int*);
extern int cudaLaunchKernel(const void*, struct dim3, struct dim3, void**, size_t, void*);

__asm__(".section .nv_fatbin,\"a\"\n.balign 8\nunit_images:\n.incbin \"" IMAGES "\"\n.previous\n");
extern const char unit_images[];

static struct {
  int magic, version;
  const void* images;
  void* linked;
} wrapper __attribute__((section(".nvFatBinSegment"), used)) = {0x466243b1, 1, unit_images, NULL};

static void marker(void) {}  // its address is the name under which libcudart knows the kernel

static int launch(void* out) {
  struct dim3 one = {1, 1, 1};
  void* args[] = {&out};
  return cudaLaunchKernel((const void*)marker, one, one, args, 0, NULL);
}

__attribute__((constructor)) static void add(void) {
  void** handle = __cudaRegisterFatBinary(&wrapper);
  __cudaRegisterFunction(handle, (const char*)marker, (char*)"marker", "marker", -1, NULL, NULL, NULL, NULL,
                         NULL);
  __cudaRegisterFatBinaryEnd(handle);
  add_unit(UNIT, launch);
}
