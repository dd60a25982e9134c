#!/usr/bin/env python3
"""Ratios of `cufit` against other tools, in one run, with the floors of this machine beside them.

    bench/run.py CUFIT [--runs N] [--json FILE]

What is measured lies in the wheel cache of tests/wheels (tests/wheels/fetch.py fills it), or is named by
CUFIT_BENCH_CUBLASLT, CUFIT_BENCH_TORCH_CUDA, CUFIT_BENCH_LIBRARIES (a folder), CUFIT_BENCH_WHEEL and
CUFIT_BENCH_ENVIRONMENT (a virtual environment of some hundred libraries); CUFIT_BENCH_PYTHON is a Python with torch. cuobjdump comes
from that cache or from PATH. What is not there is listed as not measured, with the reason. All runs are whole
processes, warm, on at most two cores; times are medians.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "wheels"))
import cache  # noqa: E402  (where the wheels lie)

CORES = 2


class Missing(Exception):
    """Why something cannot be measured here."""


def run(command, expected=0):
    """(seconds, peak RSS in MB) of one whole process, which must end with `expected`."""
    with open(os.devnull, "wb") as null:
        start = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdout=null, stderr=null)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        raise Missing(f"{command[0]} ended with {process.returncode}")
    return seconds, usage.ru_maxrss / 1024


def median(command, runs, warm=True, expected=0):
    """Medians of `runs` runs, after one that is not counted."""
    if warm:
        run(command, expected)
    measured = [run(command, expected) for _ in range(runs)]
    return statistics.median(s for s, _ in measured), max(m for _, m in measured)


def find_wheel(start):
    found = sorted(p for p in cache.DIST.glob("*.whl") if p.name.startswith(start))
    if not found:
        raise Missing(f"no {start}*.whl in {cache.DIST}")
    return found[-1]


def find_library(variable, elsewhere, wheel, member):
    """A library named by a variable, installed, or from a wheel of the cache."""
    if os.environ.get(variable):
        return pathlib.Path(os.environ[variable])
    for path in elsewhere:
        if pathlib.Path(path).exists():
            return pathlib.Path(path)
    archive = find_wheel(wheel)
    path = ROOT / "build" / "bench" / member
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(archive) as opened:
            name = next(n for n in opened.namelist() if n.endswith("/" + member))
            with opened.open(name) as source, open(path, "wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    return path


def cublaslt():
    return find_library("CUFIT_BENCH_CUBLASLT", ["/usr/local/cuda/lib64/libcublasLt.so.13"], "nvidia_cublas-13",
                        "libcublasLt.so.13")


def torch_cuda():
    return find_library("CUFIT_BENCH_TORCH_CUDA", [], "torch-2.11", "libtorch_cuda.so")


def cuobjdump():
    found = next(iter(sorted(cache.TOOLS.glob("cuobjdump*"), reverse=True)), None) or shutil.which("cuobjdump")
    if not found:
        raise Missing("no cuobjdump in the wheel cache or in PATH")
    return found


class Bench:
    def __init__(self, cufit, runs):
        self.cufit, self.runs, self.rows = cufit, runs, []
        self.dumped = {}  # library -> seconds of cuobjdump, measured once

    def row(self, name, need, measure):
        try:
            value, unit, good, floor = measure()
            row = {"what": name, "need": need, "measured": round(value, 2), "unit": unit, "ok": bool(good), "floor": floor}
        except Missing as why:
            row = {"what": name, "need": need, "not_measured": str(why)}
        self.rows.append(row)
        shown = row.get("not_measured") or f"{row['measured']:g} {row['unit']}"
        mark = {True: "ok", False: "MISSED", None: "-"}[row.get("ok")]
        print(f"{name:46} {need:>14} {shown:>14} {mark:7} {row.get('floor', '')}", flush=True)

    def against_cuobjdump(self, library, arguments, need):
        path = library()
        ours, _ = median([self.cufit, "inspect", "-q", *arguments, path], self.runs)
        if path not in self.dumped:
            self.dumped[path] = median([cuobjdump(), "-lelf", path], min(self.runs, 3), warm=False)[0]
        cat, _ = median(["cat", path], self.runs)
        theirs = self.dumped[path]
        return (theirs / ours, "x", theirs / ours >= need,
                f"cufit {ours * 1e3:.1f} ms, cuobjdump {theirs * 1e3:.0f} ms, cat {cat * 1e3:.0f} ms")

    def many_libraries(self):
        folder = os.environ.get("CUFIT_BENCH_LIBRARIES")
        if not folder:
            raise Missing("CUFIT_BENCH_LIBRARIES names no folder with about 2.4 GB of libraries")
        files = [p for p in pathlib.Path(folder).rglob("*") if p.is_file() and not p.is_symlink()]
        size = sum(p.stat().st_size for p in files) / 1e9
        ours, memory = median([self.cufit, "inspect", "-q", folder], self.runs)
        cat, _ = median(["cat", *files], self.runs)
        return (ours * 1e3 * 2.4 / size, "ms", ours * 2.4 / size < 0.2,
                f"{size:.2f} GB, {ours * 1e3:.0f} ms, {memory:.0f} MB; cat {cat * 1e3:.0f} ms; scaled to 2.4 GB")

    def environment(self, cached):
        """inspect of a whole environment; its floor is a walk that looks at every name and every size."""
        root = os.environ.get("CUFIT_BENCH_ENVIRONMENT")
        if not root:
            raise Missing("CUFIT_BENCH_ENVIRONMENT names no environment")
        libraries = sum(1 for p in pathlib.Path(root).rglob("*.so*") if p.is_file() and not p.is_symlink())
        walk, _ = median(["find", root, "-size", "-1"], self.runs)
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CACHE_HOME"] = folder
            ours, memory = median([self.cufit, "inspect", "-q", *([] if cached else ["--no-cache"]), root], self.runs)
            del os.environ["XDG_CACHE_HOME"]
        return (ours * 1e3, "ms", ours < (0.015 if cached else 0.2),
                f"{libraries} libraries, {memory:.0f} MB; find {walk * 1e3:.0f} ms: {ours / walk:.2f} x")

    def question(self, words, expected=0):
        """A question that needs no file, from start to exit; its floor is a process that does nothing."""
        ours, _ = median([self.cufit, *words.split()], 10 * self.runs, expected=expected)
        true, _ = median([shutil.which("true")], 10 * self.runs)
        return ours * 1e3, "ms", ours < 0.005, f"true {true * 1e3:.2f} ms"

    def screen(self, with_environment):
        """`cufit` by itself, warm; against PyTorch's own collector in the same run, where a python3 has torch."""
        root = os.environ.get("CUFIT_BENCH_ENVIRONMENT", "") if with_environment else ""
        if with_environment and not root:
            raise Missing("CUFIT_BENCH_ENVIRONMENT names no environment")
        kept = {name: os.environ.pop(name, None) for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "XDG_CACHE_HOME", "HOME")}
        with tempfile.TemporaryDirectory() as folder:
            os.environ.update(XDG_CACHE_HOME=folder, HOME=folder, **({"VIRTUAL_ENV": root} if root else {}))
            expected = subprocess.run([self.cufit], capture_output=True, check=False).returncode  # 1: something fails here
            ours, memory = median([self.cufit], 3 * self.runs, expected=expected)
        for name in ("VIRTUAL_ENV", "XDG_CACHE_HOME", "HOME"):
            os.environ.pop(name, None)
        os.environ.update({name: value for name, value in kept.items() if value is not None})
        floor = f"{memory:.0f} MB; " + self.collect_env(ours)
        return ours * 1e3, "ms", ours < (0.04 if with_environment else 0.03), floor

    @staticmethod
    def collect_env(ours):
        python = os.environ.get("CUFIT_BENCH_PYTHON", "python3")
        try:
            theirs, _ = median([python, "-m", "torch.utils.collect_env"], 3)
        except (Missing, OSError):
            return "torch.utils.collect_env: no torch in CUFIT_BENCH_PYTHON"
        return f"torch.utils.collect_env {theirs * 1e3:.0f} ms: {theirs / ours:.0f} x"

    def fleet(self):
        program = pathlib.Path(self.cufit).parent / "bench" / "bench_fleet"
        if not program.exists():
            raise Missing(f"{program} is not built")
        said = [subprocess.run([program], capture_output=True, text=True, check=True).stdout for _ in range(3)]
        seconds = statistics.median(float(line.rsplit(":", 1)[1].split()[0]) for line in said)
        return seconds * 1e3, "ms", seconds < 1, said[-1].rsplit(":", 1)[0]

    def wheel(self):
        path = os.environ.get("CUFIT_BENCH_WHEEL") or find_wheel("torch-2.2.0")
        inflate = pathlib.Path(self.cufit).parent / "bench" / "bench_inflate"
        if not inflate.exists():
            raise Missing(f"{inflate} is not built")
        runs = min(self.runs, 3)
        ours, memory = median([self.cufit, "inspect", "-q", path], runs)
        theirs, _ = median([inflate, path], runs)
        self.memory = memory
        return ours / theirs, "x", ours / theirs <= 1.25, f"cufit {ours:.2f} s, inflate alone {theirs:.2f} s"

    def wheel_memory(self):
        if not hasattr(self, "memory"):
            raise Missing("see above")
        return self.memory, "MB", self.memory < 200, ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cufit")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", default=ROOT / "build" / "bench.json")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])

    bench = Bench(options.cufit, options.runs)
    print(f"{'what':46} {'required':>14} {'measured':>14} {'':7} floors")
    for name, library, need, arguments in (
            ("libcublasLt.so.13, everything", cublaslt, 60, []),
            ("libtorch_cuda.so of torch 2.11, everything", torch_cuda, 300, []),
            ("libcublasLt.so.13, --pass usual", cublaslt, 150, ["--pass", "usual"]),
            ("libtorch_cuda.so of torch 2.11, --pass usual", torch_cuda, 400, ["--pass", "usual"])):
        bench.row(name + " : cuobjdump -lelf", f">= {need} x",
                  lambda: bench.against_cuobjdump(library, arguments, need))
    bench.row("a folder of libraries, everything", "< 200 ms", bench.many_libraries)
    bench.row("an environment, without a cache", "< 200 ms", lambda: bench.environment(cached=False))
    bench.row("an environment, with a cache", "< 15 ms", lambda: bench.environment(cached=True))
    bench.row("cufit by itself", "< 30 ms", lambda: bench.screen(with_environment=False))
    bench.row("cufit by itself, in an environment, cached", "< 40 ms", lambda: bench.screen(with_environment=True))
    for words, expected in (("show 209", 0),
                            ("check torch==2.9.1+cu130 --gpu h100 --driver 580.95.05", 0),
                            ("check torch==2.9.1+cu130 vllm==0.11.0 --gpu v100 --driver 470.129.06", 1),
                            ("pick torch --gpu v100 --driver 580.95.05 --python 3.12", 0)):
        bench.row(words.split(" --")[0] + ", start to exit", "< 5 ms", lambda: bench.question(words, expected))
    bench.row("10^5 machines x 10^3 builds, judged", "< 1000 ms", bench.fleet)
    bench.row("a large wheel : inflate alone", "<= 1.25 x", bench.wheel)
    bench.row("a large wheel, peak memory", "< 200 MB", bench.wheel_memory)

    pathlib.Path(options.json).write_text(json.dumps({"cores": CORES, "rows": bench.rows}, indent=1) + "\n")
    return 1 if any(row.get("ok") is False for row in bench.rows) else 0


if __name__ == "__main__":
    sys.exit(main())
