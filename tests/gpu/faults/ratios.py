#!/usr/bin/env python3
"""Times of `cufit doctor` on a machine with a GPU, beside what nobody can be faster than and what else people run.

    ratios.py CUFIT PYTHON [--runs N] [--json FILE]

PYTHON is the interpreter of an environment with torch, which cufit is asked about. All are whole processes, warm, taken
in turn, so that a machine that gets slower is slower for all; the times are medians. The floors: NVML's own time
(nvmlInit_v2 and nvmlShutdown), and a context (cuInit and cuDevicePrimaryCtxRetain), in a C program of ours.
Exit: 0 the targets are met, 1 one is not, 2 something that is needed does not run.
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

from machine import HERE, compiled, output_of

# (name, floor, milliseconds above it at most)
TARGETS = [("cufit doctor --proof=none", "NVML", 40), ("cufit doctor", "context", 130)]
PRODUCT = "import torch; a = torch.ones(64, 64, device='cuda'); print((a @ a).sum())"


def milliseconds(command, env):
    start = time.perf_counter()
    done = subprocess.run([str(c) for c in command], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    taken = 1000 * (time.perf_counter() - start)
    # cufit tells what it found by 1 and 3.
    if done.returncode not in ((0, 1, 3) if "doctor" in command else (0,)):
        said = done.stderr.decode(errors="replace")[-500:]
        print(f"ratios: {' '.join(map(str, command))} ended with {done.returncode}: {said}", file=sys.stderr)
        sys.exit(2)
    return taken


def commands(cufit, python, oracle):
    environment = output_of([python, "-c", "import sys; print(sys.prefix)"]).strip()
    yield "NVML", [oracle, "nvml"]
    yield "context", [oracle, "context"]
    yield "cufit doctor --proof=none", [cufit, "doctor", "--proof=none", environment]
    yield "cufit doctor", [cufit, "doctor", environment]
    if shutil.which("nvidia-smi"):
        yield "nvidia-smi", ["nvidia-smi"]
    yield "torch.utils.collect_env", [python, "-m", "torch.utils.collect_env"]
    yield "torch, a product", [python, "-c", PRODUCT]


def measured(table, runs, env):
    """{name: times}, after one round that is not counted."""
    times = {name: [] for name in table}
    for n in range(runs + 1):
        for name, command in table.items():
            taken = milliseconds(command, env)
            if n:
                times[name].append(taken)
    return times


def print_table(medians, times):
    print(f"{'':28}{'median':>10}{'least':>10}{'most':>10}{'above NVML':>12}{'above context':>15}")
    for name, value in medians.items():
        columns = f"{value:10.1f}{min(times[name]):10.1f}{max(times[name]):10.1f}"
        print(f"{name:28}{columns}{value - medians['NVML']:12.1f}{value - medians['context']:15.1f}")
    print("milliseconds")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("cufit", type=pathlib.Path)
    arguments.add_argument("python")
    arguments.add_argument("--runs", type=int, default=9)
    arguments.add_argument("--json", type=pathlib.Path)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as work:
        oracle = compiled(HERE / "oracle.c", pathlib.Path(work) / "oracle")
        answers = output_of([oracle, "context", "nvml"])
        if "context 0\n" not in answers or "nvml 0\n" not in answers:
            print(f"ratios: no GPU here that works\n{answers}", file=sys.stderr)
            return 2
        table = dict(commands(options.cufit.resolve(), options.python, oracle))
        times = measured(table, options.runs, {**os.environ, "XDG_CACHE_HOME": work})
    medians = {name: statistics.median(all_of_it) for name, all_of_it in times.items()}
    print_table(medians, times)
    missed = 0
    for name, floor, most in TARGETS:
        above = medians[name] - medians[floor]
        missed += above > most
        print(f"{name}: {above:.1f} ms above {floor}, target {most}: {'missed' if above > most else 'met'}")
    if options.json:
        options.json.write_text(json.dumps({"medians": medians, "times": times}, indent=1) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
