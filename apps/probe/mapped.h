/* Tells which shared objects are in this process (kWireMapped), by the paths that the kernel gives them. */
#ifndef CUFIT_PROBE_MAPPED_H
#define CUFIT_PROBE_MAPPED_H

void tell_mapped(void);

#endif
