/* Asks the CUDA driver API (libcuda.so.1), then does what the commands say. */
#ifndef CUFIT_PROBE_CUDA_H
#define CUFIT_PROBE_CUDA_H

void ask_cuda(void);

#endif
