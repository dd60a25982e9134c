// A program of its own with the check that many samples use.
#include <cstdio>
#include <cstdlib>

#define CHECK(call)                                                                                            \
  do {                                                                                                         \
    cudaError_t status = (call);                                                                               \
    if (status != cudaSuccess) {                                                                               \
      std::fprintf(stderr, "CUDA error at %s:%d code=%d(%s) \"%s\" \n", __FILE__, __LINE__, int(status),       \
                   cudaGetErrorName(status), #call);                                                           \
      std::exit(EXIT_FAILURE);                                                                                 \
    }                                                                                                          \
  } while (0)

__global__ void scale(float* x, float by) { x[threadIdx.x] *= by; }

int main() {
  int n = 0;
  CHECK(cudaGetDeviceCount(&n));
  std::printf("[app] %d device(s)\n", n);
  float* x;
  CHECK(cudaMalloc(&x, 1024));
  scale<<<1, 64>>>(x, 2.0f);
  CHECK(cudaGetLastError());
  CHECK(cudaDeviceSynchronize());
  std::printf("[app] done\n");
}
