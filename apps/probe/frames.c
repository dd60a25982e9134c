#include "frames.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static struct {
  struct WireHeader header;
  unsigned char fields[kWireFrameMax - sizeof(struct WireHeader)];
} now;

void frame(enum WireKind kind) {
  tell();
  now.header = (struct WireHeader){kWireMagic, kWireVersion, (uint16_t)kind, 0};
}

static void field(enum WireType type, const char* name, const void* value, size_t size) {
  struct WireField head = {(uint8_t)type, (uint8_t)strlen(name), (uint16_t)size};
  unsigned char* at = now.fields + now.header.size;
  size_t room = sizeof now.fields - now.header.size;
  if (now.header.magic == 0 || sizeof head + head.name + size > room) return;
  memcpy(at, &head, sizeof head);
  memcpy(at + sizeof head, name, head.name);
  memcpy(at + sizeof head + head.name, value, size);
  now.header.size += (uint32_t)(sizeof head + head.name + size);
}

void number(const char* name, uint64_t value) { field(kWireNumber, name, &value, sizeof value); }

void text(const char* name, const char* value) {
  size_t room = sizeof now.fields - now.header.size, taken = sizeof(struct WireField) + strlen(name);
  if (taken < room) field(kWireText, name, value, strnlen(value, room - taken));
}

void absent(const char* name) { field(kWireAbsent, name, "", 0); }

void tell(void) {
  const char* at = (const char*)&now;
  size_t left = sizeof now.header + now.header.size;
  if (now.header.magic == 0) return;
  while (left > 0) {
    ssize_t n = write(kAnswersFd, at, left);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(kExitUnheard);
    at += n;
    left -= (size_t)n;
  }
  now.header.magic = 0;
}
