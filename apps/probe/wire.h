/* What goes through the two pipes between the probe and the program that started it. Both sides include this:
 * apps/probe (C) and src/collect (C++). Both run on one machine: numbers are in its byte order.
 *
 * Answers are frames: a WireHeader, then `size` bytes of fields. A field is a WireField, then its name, then
 * its value: 8 bytes of a number, or a text. A frame is never longer than a pipe takes at once, so none is
 * cut. Commands are a WireCommand, then `size` bytes of GPU code. */
#ifndef CUFIT_PROBE_WIRE_H
#define CUFIT_PROBE_WIRE_H

#include <stdint.h>

enum {
  kWireMagic = 0x52504643, /* "CFPR" */
  kWireVersion = 1,        /* a frame of another one is not understood */
  kWireFrameMax = 4096,    /* with its header: PIPE_BUF of Linux */
  kAnswersFd = 3,
  kCommandsFd = 4,
  kExitUnheard = 71, /* the probe ends so when its answers cannot be written */
};

/* How many of a kind the probe tells of, whatever the driver says that there are: links of one GPU, processes
 * of all GPUs together. */
enum { kMaxGpus = 64, kMaxLinks = 36, kMaxProcesses = 1024 };

struct WireHeader {
  uint32_t magic;
  uint16_t version, kind;
  uint32_t size;
};

enum WireKind {
  kWireHello = 1, /* the probe runs */
  kWireRefused,   /* it cannot be executed: `error`, an errno. Written between fork and exec */
  kWireOpening,   /* dlopen is called */
  kWireOpened,    /* `library`, its path; or `error`, what dlerror said */
  kWireCalling, /* `call` on `on` (a number, two with a comma, or nothing), which `asks` for facts: names with
                   blanks between them, "*" for all of the device. If it fails they have a reason, else those
                   have a value that the next frame holds */
  kWireCalled,  /* `code` and `micros` of that call, then facts; without `code` there is no such function */
  kWireProcess, /* of the list that is a fact `processes` of `on`: `pid`, `name`, `memory` */
  kWireMapped,  /* a `line` of /proc/self/maps that names a shared object */
  kWireProved,  /* the command did what it should; `right`: 1 if the numbers are. What follows is clearing up
                 */
  kWireReady,   /* a command is waited for */
  kWireDone,    /* the end */
};

enum WireType {
  kWireNumber = 1,
  kWireText,
  kWireAbsent, /* a fact that is not there; no value */
};

struct WireField {
  uint8_t type;
  uint8_t name;   /* size in bytes */
  uint16_t value; /* size in bytes */
};

enum WireOp {
  kWireContext = 1, /* makes a context on `device`, which stays until the end */
  kWireRun,         /* loads the code there, runs the kernel `cufit_probe`, and looks at its numbers */
  kWireLoad,        /* loads the code there, and unloads it */
  kWireEnd,
};

struct WireCommand {
  uint32_t op, device;
  uint64_t size;
};

#endif
