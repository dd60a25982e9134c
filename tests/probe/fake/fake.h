/* What the two fake libraries share: they behave as the variable FAKE_DRIVER says, "FAULT:FUNCTION[:NUMBER]"
 * with blanks between several. Every function of theirs begins with FAKE(), which does what is to be done in
 * it, and returns the number of a `code`. */
#ifndef CUFIT_TESTS_FAKE_H
#define CUFIT_TESTS_FAKE_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

#define API __attribute__((visibility("default"))) int
#define FAKE()                       \
  do {                               \
    int fake_code = fault(__func__); \
    if (fake_code) return fake_code; \
  } while (0)

/* The number of "NAME:FUNCTION:NUMBER", 1 of "NAME:FUNCTION", 0 if there is no such. */
static unsigned long fault_number(const char* name, const char* function) {
  const char* at = getenv("FAKE_DRIVER");
  size_t n = strlen(name), f = strlen(function);
  for (; at && *at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL)
    if (!strncmp(at, name, n) && at[n] == ':' && !strncmp(at + n + 1, function, f) &&
        strchr(" :", at[n + 1 + f]))
      return at[n + 1 + f] == ':' ? strtoul(at + n + f + 2, NULL, 10)
                                  : 1; /* strchr finds the end of the text too */
  return 0;
}

static void put(int fd, const void* bytes, size_t size) {
  if (write(fd, bytes, size) < 0) return;
}

static void close_all(void) {
  for (int fd = 0; fd < 256; fd++) close(fd);
}

/* Frames that are right, without end. */
static void flood(void) {
  static char frame[kWireFrameMax];
  struct WireHeader header = {kWireMagic, kWireVersion, kWireHello, 0};
  memcpy(frame, &header, sizeof header);
  for (;;) put(kAnswersFd, frame, sizeof header);
}

static int fault(const char* function) {
#define IS(name) fault_number(name, function)
  static const struct WireHeader other = {kWireMagic, kWireVersion + 1, kWireHello, 0};
  if (IS("hang"))
    for (;;) pause();
  if (IS("crash")) *(volatile int*)NULL = 1;
  if (IS("abort")) abort();
  if (IS("exit")) exit(3);
  if (IS("garbage")) put(kAnswersFd, "not a frame at all, but bytes", 29);
  if (IS("everywhere"))
    for (int fd = 0; fd < 256; fd++) put(fd, "not a frame at all, but bytes", 29);
  if (IS("version")) put(kAnswersFd, &other, sizeof other);
  if (IS("flood")) flood();
  if (IS("print"))
    for (;;) put(1, "words\n", 6), put(2, "words\n", 6);
  if (IS("close")) close_all();
  if (IS("closehang")) {
    close_all();
    for (;;) pause();
  }
  if (IS("fork") || IS("forkexit")) {
    if (fork() == 0)
      for (;;) pause();
    if (IS("forkexit")) _exit(3);
  }
  if (IS("slow")) usleep((useconds_t)IS("slow") * 1000);
  return (int)IS("code");
#undef IS
}

/* Something that dlopen runs. */
__attribute__((constructor)) static void load(void) { fault(__func__); }

#endif
