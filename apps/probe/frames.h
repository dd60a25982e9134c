/* Writes answers: see wire.h. If one cannot be written the process ends with kExitUnheard. */
#ifndef CUFIT_PROBE_FRAMES_H
#define CUFIT_PROBE_FRAMES_H

#include <stdint.h>

#include "wire.h"

/* Begins a frame; fields are added to it until tell() writes it. One that has no room for a field is sent
 * without; so are all that are added where no frame is begun. */
void frame(enum WireKind kind);
void number(const char* name, uint64_t value);
void text(const char* name, const char* value); /* cut where it has no room */
void absent(const char* name);
void tell(void); /* nothing, if no frame is begun */

#endif
