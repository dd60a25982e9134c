/* Asks the CUDA driver API (libcuda.so.1), then does what the commands say. Without `start` only what needs no
 * cuInit, which takes a tenth of a second. */
#ifndef CUFIT_PROBE_CUDA_H
#define CUFIT_PROBE_CUDA_H

void ask_cuda(int start);

#endif
