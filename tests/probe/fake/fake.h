/* What the two fake libraries share: they behave as the variable FAKE_DRIVER says, "FAULT:FUNCTION[:NUMBER]"
 * with blanks between several. Every function of theirs begins with FAKE(), which does what is to be done in
 * it, and returns the number of a `code`. */
#ifndef CUFIT_TESTS_FAKE_H
#define CUFIT_TESTS_FAKE_H

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

/* A byte more in the file that FAKE_MARKS names. */
static void mark(void) {
  int fd = open(getenv("FAKE_MARKS"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  put(fd, "x", 1);
  close(fd);
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

/* What of this process is not as a driver should find it, as an exit status: 1 core dumps, 2 a process group
 * that is not its own, 4 descriptors of others, 8 signals that somebody ignores, 16 variables of others, 32 a
 * terminal or a file for its words, 64 no sign to end with its parent. */
static int wrong_surroundings(void) {
  extern char** environ;
  int wrong = 0, signal_of_parent = 0, variables = 0;
  struct rlimit core;
  struct sigaction pipe;
  struct stat words, null;
  getrlimit(RLIMIT_CORE, &core);
  sigaction(SIGPIPE, NULL, &pipe);
  prctl(PR_GET_PDEATHSIG, &signal_of_parent);
  for (char** e = environ; *e; e++)
    variables += strncmp(*e, "LD_LIBRARY_PATH=", 16) && strncmp(*e, "FAKE_DRIVER=", 12) &&
                 strcmp(*e, "CUDA_CACHE_DISABLE=1");
  if (core.rlim_cur > 1 || core.rlim_max > 1) wrong |= 1;
  if (getpgrp() != getpid()) wrong |= 2;
  for (int fd = kCommandsFd + 1; fd < 256; fd++)
    if (fcntl(fd, F_GETFD) >= 0) wrong |= 4;
  if (pipe.sa_handler != SIG_DFL) wrong |= 8;
  if (variables > 0) wrong |= 16;
  stat("/dev/null", &null);
  for (int fd = 0; fd < 3; fd++)
    if (fstat(fd, &words) != 0 || words.st_rdev != null.st_rdev) wrong |= 32;
  if (signal_of_parent != SIGKILL) wrong |= 64;
  return wrong;
}

static int fault(const char* function) {
#define IS(name) fault_number(name, function)
  static const struct WireHeader other = {kWireMagic, kWireVersion + 1, kWireHello, 0};
  if (IS("hang"))
    for (;;) pause();
  if (IS("crash")) *(volatile int*)NULL = 1;
  if (IS("abort")) abort();
  if (IS("exit")) exit(3);
  if (IS("look")) _exit(wrong_surroundings());
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
  if (IS("mark")) mark();
  if (IS("slow")) usleep((useconds_t)IS("slow") * 1000);
  return (int)IS("code");
#undef IS
}

/* Something that dlopen runs. */
__attribute__((constructor)) static void load(void) { fault(__func__); }

#endif
