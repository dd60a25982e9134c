/* Makes GPUs do something, as commands say (WireCommand). */
#ifndef CUFIT_PROBE_PROVE_H
#define CUFIT_PROBE_PROVE_H

#include "cuda_api.h"

/* What the driver calls the device of this ordinal. */
void found_device(int ordinal, CUdevice device);

/* Takes commands until kWireEnd, or none come any more; then gives the contexts back. */
void obey(void);

#endif
