// An image by itself, as nvcc builds it. RELOCATABLE: it needs a function that is not there.
#ifdef RELOCATABLE
extern __device__ int architecture();
#endif

extern "C" __global__ void marker(int* out) {
#ifdef RELOCATABLE
  out[0] = architecture();
#elif defined(__CUDA_ARCH__)
  out[0] = __CUDA_ARCH__;
#endif
  out[1] = 0;
}
