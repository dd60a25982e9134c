# What the interpreter of an environment runs as a proof: python -B -u -c THIS NAME, for Python 3.6 and later.
# Answers go to descriptor 3, a line of JSON for each step as soon as it is known, so that what came before a
# crash stands. Whatever is imported may print, fork, end the process or never come back.
import sys

# -c puts the current folder first: a file there that is called as a module of ours would be executed.
if sys.path and sys.path[0] == "":
    del sys.path[0]

import json
import os

ANSWERS = 3
SIZE = 32


def tell(step, call, **answer):
    answer.update(step=step, call=call)
    os.write(ANSWERS, (json.dumps(answer) + "\n").encode("ascii"))


def first_line(error):
    """"ImportError: libcudart.so.12: cannot open shared object file", however long it is. What PyTorch writes below the
    first line of an error is advice for debugging."""
    try:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    except BaseException:
        lines = []
    line = type(error).__name__ + (": " + lines[0] if lines else "")
    return line[:1000].encode("utf-8", "replace").decode("utf-8")


class Failed(Exception):
    pass


def ask(step, call, question, shown=lambda value: value):
    try:
        value = question()
    except BaseException as error:  # SystemExit and KeyboardInterrupt as well
        tell(step, call, error=first_line(error))
        raise Failed()
    tell(step, call, value=shown(value))
    return value


# Whole numbers so small that every format that a GPU multiplies in (also TF32) holds them, and their sums, exactly.
A = [[float((3 * row + column) % 5) for column in range(SIZE)] for row in range(SIZE)]
B = [[float((row + 2 * column) % 7) for column in range(SIZE)] for row in range(SIZE)]


def is_product(c):
    columns = list(zip(*B))
    wanted = [[sum(x * y for x, y in zip(row, column)) for column in columns] for row in A]
    return [list(map(float, row)) for row in c] == wanted


class Torch:
    def __init__(self):
        import torch
        self.torch = torch

    def available(self):
        return "torch.cuda.is_available", self.torch.cuda.is_available

    def devices(self):
        return "torch.cuda.device_count", self.torch.cuda.device_count

    def multiply(self, on_gpu):
        place = self.torch.device("cuda:0" if on_gpu else "cpu")
        a, b = (self.torch.tensor(m, dtype=self.torch.float32).to(place) for m in (A, B))
        c = self.torch.mm(a, b)
        return str(c.device), c.cpu().tolist()

    product = "torch.mm"


class Tensorflow:
    def __init__(self):
        import tensorflow
        self.tf = tensorflow

    def gpus(self):
        config = self.tf.config
        return (config if hasattr(config, "list_physical_devices") else config.experimental).list_physical_devices("GPU")

    def available(self):
        return "tensorflow.config.list_physical_devices", lambda: bool(self.gpus())

    def devices(self):
        return "tensorflow.config.list_physical_devices", lambda: len(self.gpus())

    def multiply(self, on_gpu):
        with self.tf.device("/GPU:0" if on_gpu else "/CPU:0"):
            c = self.tf.matmul(self.tf.constant(A, self.tf.float32), self.tf.constant(B, self.tf.float32))
        # "/job:localhost/replica:0/task:0/device:GPU:0"
        return c.device.split("device:")[-1], c.numpy().tolist()

    product = "tensorflow.matmul"


class Jax:
    def __init__(self):
        import jax
        self.jax = jax

    def gpus(self):
        return [d for d in self.jax.devices() if d.platform in ("gpu", "cuda")]

    def available(self):
        return "jax.devices", lambda: bool(self.gpus())

    def devices(self):
        return "jax.devices", lambda: len(self.gpus())

    def multiply(self, on_gpu):
        import jax.numpy
        c = jax.numpy.matmul(jax.numpy.array(A, "float32"), jax.numpy.array(B, "float32")).block_until_ready()
        device = list(c.devices())[0] if callable(getattr(c, "devices", None)) else c.device()
        return "%s:%d" % (device.platform, device.id), c.tolist()

    product = "jax.numpy.matmul"


class Cupy:
    def __init__(self):
        import cupy
        self.cupy = cupy

    def available(self):
        return "cupy.cuda.is_available", self.cupy.cuda.is_available

    def devices(self):
        return "cupy.cuda.runtime.getDeviceCount", self.cupy.cuda.runtime.getDeviceCount

    def multiply(self, on_gpu):
        c = self.cupy.matmul(self.cupy.array(A, "float32"), self.cupy.array(B, "float32"))
        return "cuda:%d" % c.device.id, self.cupy.asnumpy(c).tolist()

    product = "cupy.matmul"


def field(number, value):
    """A field of a protocol buffer: a number, or bytes with their length. All here are below 128 but the lengths."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    size, digits = len(value), b""
    while size > 127:
        digits += bytes([size & 127 | 128])
        size >>= 7
    return bytes([number << 3 | 2]) + digits + bytes([size]) + value


def onnx_model():
    """c = MatMul(a, b): https://github.com/onnx/onnx/blob/main/onnx/onnx.proto"""
    dimension = field(1, field(1, SIZE))
    tensor = field(1, field(1, 1) + field(2, dimension + dimension))  # elem_type FLOAT, shape
    node = field(1, b"a") + field(1, b"b") + field(2, b"c") + field(4, b"MatMul")
    graph = field(1, node) + field(2, b"product")
    for where, name in ((11, b"a"), (11, b"b"), (12, b"c")):
        graph += field(where, field(1, name) + field(2, tensor))
    return field(1, 7) + field(7, graph) + field(8, field(1, b"") + field(2, 13))  # ir_version, graph, opset


class Onnxruntime:
    def __init__(self):
        import onnxruntime
        self.ort = onnxruntime

    def available(self):
        providers = self.ort.get_available_providers
        return "onnxruntime.get_available_providers", lambda: "CUDAExecutionProvider" in providers()

    def devices(self):
        return "", lambda: None  # it has no call that counts them

    def multiply(self, on_gpu):
        import numpy
        providers = (["CUDAExecutionProvider"] if on_gpu else []) + ["CPUExecutionProvider"]
        session = self.ort.InferenceSession(onnx_model(), providers=providers)
        # A provider that does not load is left out, and said so on stderr only.
        took = session.get_providers()[0]
        values = {name: numpy.array(m, "float32") for name, m in (("a", A), ("b", B))}
        return "cuda:0" if took == "CUDAExecutionProvider" else took, session.run(None, values)[0].tolist()

    product = "onnxruntime.InferenceSession"


FRAMEWORKS = {c.__name__.lower(): c for c in (Torch, Tensorflow, Jax, Cupy, Onnxruntime)}


def place(name):
    """As PyTorch calls devices: "cuda:0", "cpu", "xpu:0"; of "GPU:0", "CPUExecutionProvider"."""
    name = name.lower()
    return "cpu" if name.startswith("cpu") else name.replace("gpu", "cuda")


def multiply(framework, on_gpu):
    where, c = framework.multiply(on_gpu)
    tell("ran_on", framework.product, value=place(where))
    return is_product(c)


def told(question):
    """What has no answer is no failure of the framework."""
    try:
        value = question()
        return None if value is None else str(value)[:1000]
    except BaseException:
        return None


def prove(name):
    framework = ask("imports", "import " + name, FRAMEWORKS[name], shown=lambda _: True)
    module = sys.modules.get(name)
    tell("file", name + ".__file__", value=told(lambda: os.path.abspath(module.__file__)))
    tell("version", name + ".__version__", value=told(lambda: module.__version__))
    on_gpu = ask("available", *framework.available())
    ask("devices", *framework.devices())
    ask("right", framework.product, lambda: multiply(framework, on_gpu))


def mapped():
    """The lines about shared objects, as they are: who reads the answers reads them as well."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        return [line.rstrip("\n") for line in maps if ".so" in line]


def main():
    # A proof takes no memory from others on this GPU: by themselves these two take nearly all of it.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    os.set_inheritable(ANSWERS, False)
    try:
        prove(sys.argv[1])
    except Failed:
        pass
    try:
        tell("mapped", "/proc/self/maps", value=mapped())
    except (OSError, UnicodeError) as error:
        tell("mapped", "/proc/self/maps", error=first_line(error))
    tell("end", "")
    # Without taking down the interpreter: that is no part of the question.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # closed by what was imported
            pass
    os._exit(0)


main()
