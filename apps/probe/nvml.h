/* Asks NVML (libnvidia-ml.so.1). */
#ifndef CUFIT_PROBE_NVML_H
#define CUFIT_PROBE_NVML_H

void ask_nvml(void);

#endif
