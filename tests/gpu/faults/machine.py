"""What the faults need to know of this machine, asked without cufit: the oracle, the loader's list, the environment."""
import filecmp
import glob
import os
import pathlib
import re
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
DEFAULT_FOLDERS = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", f"/lib/{os.uname().machine}-linux-gnu",
                   f"/usr/lib/{os.uname().machine}-linux-gnu"]


class NotPossible(Exception):
    """Why a fault cannot be put in on this machine."""


def output_of(command, **more):
    """What a command printed; nothing if it cannot be run."""
    try:
        return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              errors="replace", timeout=300, check=False, **more).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def compiled(source, target, *flags):
    """A program or library of a C source; ends where there is no compiler."""
    compiler = next((c for c in (os.environ.get("CC", ""), "cc", "gcc") if c and shutil.which(c)), None)
    if not compiler:
        raise NotPossible("no C compiler (cc, gcc)")
    subprocess.run([compiler, "-O1", *flags, str(source), "-o", str(target), "-ldl"], check=True)
    return target


def words(text):
    """The answers of the oracle: {"init": 0, "uuid": "GPU-..."}."""
    pairs = [line.split(None, 1) for line in text.splitlines() if line[:1].isalpha() and " " in line]
    return {word: int(value) if re.fullmatch(r"-?\d+", value) else value for word, value in pairs}


def listed_libraries():
    """(name, path) of ld.so.cache, in its order."""
    program = shutil.which("ldconfig") or "/sbin/ldconfig"
    return re.findall(r"^\s+(\S+) \([^)]*\) => (.+)$", output_of([program, "-p"]), re.M)


class Machine:
    def __init__(self, work, environment, foreign):
        self.oracle = compiled(HERE / "oracle.c", work / "oracle")
        self.listed = listed_libraries()
        self.foreign = foreign
        self.env = environment
        self.python = next((p for p in (self.env / "bin/python3", self.env / "bin/python") if p.exists()), None) \
            if self.env else None
        self.site = self.has_torch = None
        if self.python:
            ask = ("import sysconfig, importlib.util as u;"
                   "print(sysconfig.get_path('purelib')); print(u.find_spec('torch'))")
            said = output_of([self.python, "-c", ask]).splitlines()
            self.site = pathlib.Path(said[0]) if said else None
            self.has_torch = len(said) > 1 and said[1] != "None"
        self.answers = words(output_of([self.oracle, "init", "context", "nvml"]))
        self.driver = self.kernel_driver()

    @staticmethod
    def kernel_driver():
        try:
            text = pathlib.Path("/proc/driver/nvidia/version").read_text()
        except OSError:
            return None
        found = re.search(r"(\d+\.\d+(?:\.\d+)?) ", text)
        return found and found[1]

    def loader_folders(self):
        """Where ld.so looks for a library that a program asks for by name."""
        path = [f for f in os.environ.get("LD_LIBRARY_PATH", "").split(":") if f]
        return list(dict.fromkeys([*path, *(os.path.dirname(p) for _, p in self.listed), *DEFAULT_FOLDERS]))

    def found_library(self, name):
        """The file that the loader finds first, behind all links."""
        for folder in self.loader_folders():
            if os.path.exists(os.path.join(folder, name)):
                return os.path.realpath(os.path.join(folder, name))
        raise NotPossible(f"the loader finds no {name}")

    def toolkit_files(self, pattern):
        places = ["/usr/local/cuda/", "/usr/local/cuda-*/", "/opt/cuda/"]
        nvcc = shutil.which("nvcc")
        if nvcc:
            places.insert(0, f"{pathlib.Path(nvcc).resolve().parent.parent}/")
        return [path for place in places for path in sorted(glob.glob(place + pattern))]

    def stub(self):
        for pattern in ("lib64/stubs/libcuda.so", "targets/*/lib/stubs/libcuda.so"):
            for path in self.toolkit_files(pattern):
                return os.path.realpath(path)
        raise NotPossible("no toolkit with a stub of libcuda")

    def compat(self):
        """(folder, version) of a cuda-compat package whose libcuda is of another release than the driver."""
        for path in self.toolkit_files("compat/libcuda.so.1"):
            version = os.path.basename(os.path.realpath(path))[len("libcuda.so."):]
            if version != self.driver:
                return os.path.dirname(path), version
        raise NotPossible("no cuda-compat of another release than the driver")

    def own(self, name):
        """The files of this name in the environment, whatever number follows it."""
        return [p for p in sorted(self.site.rglob(name + "*")) if re.fullmatch(re.escape(name) + r"(\.\d+)?", p.name)] \
            if self.site else []

    def numbered(self, name):
        """The name with the number that the environment's library has, where it comes without."""
        own = self.own(name)
        if not own and name.endswith(".so"):
            raise NotPossible(f"the environment has no {name}")
        return own[0].name if own else name

    def places_of(self, name):
        if self.foreign:
            yield from (str(p) for p in sorted(self.foreign.rglob(name)))
        yield from (path for listed, path in self.listed if listed == name)
        for folder in ("lib64", "lib", "targets/*/lib"):
            yield from self.toolkit_files(f"{folder}/{name}")

    def other(self, name):
        """(path, is it the same byte for byte) of a library that is not the environment's. One that differs comes
        first."""
        name = self.numbered(name)
        own = self.own(name)
        same = None
        for path in self.places_of(name):
            real = os.path.realpath(path)
            if not os.path.isfile(real) or self.env and real.startswith(f"{os.path.realpath(self.env)}/"):
                continue
            if not any(filecmp.cmp(real, str(mine)) for mine in own):
                return path, False
            same = same or path
        if not same:
            raise NotPossible(f"no other {name} on this machine")
        return same, True

    def lacks(self, need):
        """Why this need of a row is not met; nothing if it is."""
        if need == "torch" and not self.has_torch:
            return "no environment with torch"
        if need == "one gpu" and self.answers.get("count") != 1:
            return f"it is for machines with one GPU, here are {self.answers.get('count')}"
        if need == "gpu!=8" and self.answers.get("cc", 80) // 10 == 8:
            return "this GPU runs code for 8.0"
        if need == "driver<13.5" and self.answers.get("cuda", 13050) >= 13050:
            return "this driver compiles PTX of 13.5"
        if need == "cublas 13" and not self.own("libcublas.so.13"):
            return "its cuBLAS is not 13"
        if need == "compat<driver":
            numbers = [[int(n) for n in v.split(".")] for v in (self.compat()[1], self.driver or "0")]
            return "the cuda-compat here is newer than the driver" if numbers[0] > numbers[1] else None
        return None


def environment_here():
    """The environment of the first python3 on the PATH that has torch."""
    ask = "import sys, importlib.util as u; print(sys.prefix if u.find_spec('torch') else '')"
    said = output_of(["python3", "-c", ask]).strip()
    return pathlib.Path(said) if said else None
