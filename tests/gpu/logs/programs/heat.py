"""Heat in JAX."""
import sys

import jax
import jax.numpy as jnp

fault = sys.argv[1] if len(sys.argv) > 1 else ""


@jax.jit
def step(u):
    return u + 0.1 * (jnp.roll(u, 1, 0) + jnp.roll(u, -1, 0) - 2 * u)


print("devices", jax.devices())
u = jnp.ones((2048, 2048))
if fault == "oom":
    u = [jnp.ones((1 << 16, 1 << 16)) for _ in range(64)]
if fault == "shape":
    u = u @ jnp.ones((3, 3))
if fault == "gpu":
    u = jax.device_put(u, jax.devices("gpu")[0])
for _ in range(5):
    u = step(u)
print("mean", float(u.mean()))
