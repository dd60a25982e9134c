// An image by itself, as nvcc builds it.
extern "C" __global__ void marker(int* out) {
#ifdef __CUDA_ARCH__
  out[0] = __CUDA_ARCH__;
  out[1] = 0;
#endif
}
