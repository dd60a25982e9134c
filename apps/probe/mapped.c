#include "mapped.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "frames.h"

/* A line of /proc/PID/maps as it is: who listens reads it. Only names with ".so" are of interest. */
static void tell_line(const char* line) {
  if (!strstr(line, ".so")) return;
  frame(kWireMapped);
  text("line", line);
  tell();
}

void tell_mapped(void) {
  static char held[4 * kWireFrameMax];
  size_t size = 0;
  ssize_t n;
  int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  while ((n = read(fd, held + size, sizeof held - 1 - size)) > 0) {
    char *line = held, *end;
    size += (size_t)n;
    held[size] = '\0';
    for (; (end = strchr(line, '\n')); line = end + 1) {
      *end = '\0';
      tell_line(line);
    }
    size -= (size_t)(line - held);
    memmove(held, line, size);
    if (size == sizeof held - 1) size = 0; /* no path is so long */
  }
  close(fd);
}
