"""A field simulation in CuPy."""
import sys

import cupy as cp

fault = sys.argv[1] if len(sys.argv) > 1 else ""
if fault == "ordinal":
    cp.cuda.Device(3).use()
a = cp.random.rand(512, 512)
print("grid", a.shape, "mean", float(a.mean()))
kernel = cp.RawKernel(r'''extern "C" __global__ void step(float* x, long long off) { x[off + threadIdx.x] += 1.0f; }''', "step")
odd = cp.RawKernel(r'''extern "C" __global__ void odd(char* x) { *(double*)(x + 1 + 16 * threadIdx.x) = 1.0; }''', "odd")
x = cp.zeros(1024, dtype=cp.float32)
if fault == "illegal":
    kernel((1,), (32,), (x, 1 << 40))
elif fault == "misaligned":
    odd((1,), (32,), (x,))
elif fault == "oom":
    kept = [cp.zeros(1 << 32, dtype=cp.float64) for _ in range(100)]
elif fault == "launch":
    kernel((1,), (4096,), (x, 0))
else:
    kernel((1,), (32,), (x, 0))
cp.cuda.Device().synchronize()
f = cp.fft.fft2(a)
print("spectrum", float(abs(f).max()))
print("inverse", float(cp.linalg.inv(a)[0, 0]))
