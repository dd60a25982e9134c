"""Bodies in Numba."""
import sys

import numpy as np
from numba import cuda

fault = sys.argv[1] if len(sys.argv) > 1 else ""


@cuda.jit
def move(x, v):
    i = cuda.grid(1)
    if i < x.size:
        x[i] += v[i]


if fault == "ordinal":
    cuda.select_device(2)
n = 1 << 20
x, v = cuda.to_device(np.zeros(n)), cuda.to_device(np.ones(n))
if fault == "oom":
    kept = [cuda.device_array(1 << 33, dtype=np.float64) for _ in range(64)]
move[n // 256, 256](x, v)
print("moved", x.copy_to_host().sum())
