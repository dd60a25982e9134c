// A library with GPU code (IMAGES, a fat binary) where nvcc puts it, as an extension of Python has it.
__asm__(".section .nv_fatbin,\"a\"\n.balign 8\nextension_images:\n.incbin \"" IMAGES "\"\n.previous\n");
extern const char extension_images[];

struct wrapper {
  int magic, version;
  const void *images, *linked;
};
__attribute__((section(".nvFatBinSegment"), used)) static const struct wrapper wrapper = {
    0x466243b1, 1, extension_images, 0};

void* PyInit__C(void) { return 0; }
