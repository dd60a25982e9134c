/* Calls of functions of a library that is opened here, each told before and after it: who listens knows in
 * which one the process crashed or hung.
 *
 *   int version = 0;
 *   struct call c = ask("", "cuda", "cuDriverGetVersion", NULL);
 *   if (CALL(c, int (*)(int*), &version)) number("cuda", (uint64_t)version);
 *   tell();
 */
#ifndef CUFIT_PROBE_CALLS_H
#define CUFIT_PROBE_CALLS_H

#include <stddef.h>

#include "frames.h"

/* dlopen; 0: there is none, which is told. */
int open_library(const char* soname);

struct call {
  void* symbol;     /* NULL: the library has no such function, which is told */
  const char* name; /* the newest, or the older one */
  uint64_t start;   /* microseconds of a clock */
  int code;         /* what it returned */
};

/* Looks a function up, by an older name (or NULL) if it has not got the newest, and tells that it will be
 * called about `on` for the facts `asks` (kWireCalling). */
struct call ask(const char* on, const char* asks, const char* newest, const char* older);

/* Begins the answer to it (kWireCalled): 1 if `code` says that the call worked, and facts may be added. */
int answered(struct call* call, int code);

#define CALL(call, type, ...) ((call).symbol && answered(&(call), ((type)(call).symbol)(__VA_ARGS__)))

#endif
