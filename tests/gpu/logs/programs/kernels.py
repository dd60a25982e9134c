"""The driver API by hand: a module of PTX."""
import ctypes
import sys

cuda = ctypes.CDLL("libcuda.so.1")
PTX = """.version {version}
.target sm_{sm}
.address_size 64
.visible .entry k() {{ ret; }}
"""


def check(call, status):
    if status:
        name, words = ctypes.c_char_p(), ctypes.c_char_p()
        cuda.cuGetErrorName(status, ctypes.byref(name))
        cuda.cuGetErrorString(status, ctypes.byref(words))
        raise RuntimeError(f"{call} failed: {(name.value or b'%d' % status).decode()}: {(words.value or b'?').decode()}")


check("cuInit", cuda.cuInit(0))
device, context, module = ctypes.c_int(), ctypes.c_void_p(), ctypes.c_void_p()
check("cuDeviceGet", cuda.cuDeviceGet(ctypes.byref(device), int(sys.argv[3]) if len(sys.argv) > 3 else 0))
check("cuCtxCreate", cuda.cuCtxCreate_v2(ctypes.byref(context), 0, device))
check("cuModuleLoadData", cuda.cuModuleLoadData(ctypes.byref(module), PTX.format(version=sys.argv[1], sm=sys.argv[2]).encode()))
print("loaded")
