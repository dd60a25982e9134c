#include "calls.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mapped.h"

/* Since glibc 2.34 these are part of libc.so.6, under a version that older ones have not got; the old version
 * is there as well. An older glibc has it in libdl.so.2, which the loader finds because we are linked to that
 * too: it looks for name and version in all libraries. Where there is no older version than that of 2.17,
 * nothing is to be said. */
#ifdef __x86_64__
__asm__(".symver dlopen, dlopen@GLIBC_2.2.5");
__asm__(".symver dlsym, dlsym@GLIBC_2.2.5");
__asm__(".symver dlerror, dlerror@GLIBC_2.2.5");
__asm__(".symver dlinfo, dlinfo@GLIBC_2.3.3");
#elif defined __aarch64__
__asm__(".symver dlopen, dlopen@GLIBC_2.17");
__asm__(".symver dlsym, dlsym@GLIBC_2.17");
__asm__(".symver dlerror, dlerror@GLIBC_2.17");
__asm__(".symver dlinfo, dlinfo@GLIBC_2.17");
#endif

static void* library;

static uint64_t microseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* The path of the file behind all links; as the loader names it if that cannot be found out. */
static void tell_path(void) {
  static char real[PATH_MAX];
  struct link_map* map;
  if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) return;
  text("library", realpath(map->l_name, real) ? real : map->l_name);
}

int open_library(const char* soname) {
  frame(kWireOpening);
  tell();
  library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
  const char* error = library ? NULL : dlerror();
  frame(kWireOpened);
  if (library)
    tell_path();
  else
    text("error", error ? error : "dlopen fails");
  tell();
  if (library) tell_mapped(); /* it may not come to its end */
  return library != NULL;
}

struct call ask(const char* on, const char* asks, const char* newest, const char* older) {
  struct call call = {dlsym(library, newest), newest, 0, 0};
  if (!call.symbol && older && (call.symbol = dlsym(library, older))) call.name = older;
  frame(kWireCalling);
  text("call", call.name);
  if (*on) text("on", on);
  if (*asks) text("asks", asks);
  tell();
  if (!call.symbol) {
    frame(kWireCalled);
    tell();
  }
  call.start = microseconds();
  return call;
}

int answered(struct call* call, int code) {
  uint64_t end = microseconds();
  call->code = code;
  frame(kWireCalled);
  number("code", (uint32_t)code);
  number("micros", end - call->start);
  return code == 0;
}
