#!/usr/bin/env python3
"""How fast `cufit explain` reads logs, and with how much memory, in one run with the floors of this machine.

    bench/logs.py CUFIT [--gib N] [--runs N]

Logs of N GiB (default 2) like those of training runs, with one error at the start, in the middle or at the end; one line of 1 GiB; binary garbage; input
without an end; and one of 20 lines. Floors: `cat FILE` (reading it), and `grep -c` for one fixed text. Whole processes, the file warm; medians.
"""
import argparse
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

ERROR = b"RuntimeError: CUDA error: no kernel image is available for execution on the device\n"
TWENTY = b"epoch %d loss 0.5\n"


# The peak of a process counts what it was before exec, so that a small one starts it.
LAUNCHER = """import os, sys, time
start = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_WRONLY, 0) for fd in (1, 2)])
_, status, usage = os.wait4(pid, 0)
print(time.perf_counter() - start, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))"""


def run(command, **more):
    said = subprocess.run([sys.executable, "-S", "-E", "-c", LAUNCHER, *map(str, command)], stdout=subprocess.PIPE, text=True, check=True, **more).stdout.split()
    return float(said[0]), float(said[1]), int(said[2])


def measured(command, runs, **more):
    run(command, **more)
    all_runs = [run(command, **more) for _ in range(runs)]
    return statistics.median(s for s, _, _ in all_runs), max(m for _, m, _ in all_runs), all_runs[0][2]


def training_text(size):
    """Lines as trainers write them, no two alike."""
    rng = random.Random(5)
    lines = []
    n = 0
    while n < size:
        kind = rng.randrange(4)
        step = rng.randrange(10**6)
        if kind == 0:
            line = f"2026-12-01 09:{step % 60:02d}:{step % 59:02d},{step % 1000:03d} [INFO] trainer: step {step} loss {rng.random():.4f} lr 3.0e-04 grad_norm {rng.random() * 3:.3f} tokens/s {step % 90000}\n"
        elif kind == 1:
            line = f"Epoch 3: {step % 100:3d}%|{'#' * (step % 20):<20}| {step}/1000000 [1:02:33<3:11:07, {rng.random() * 20:.2f}it/s, loss={rng.random():.3f}]\r"
        elif kind == 2:
            line = f"[rank{step % 8}]: validation batch {step}: accuracy {rng.random():.4f}, CUDA memory {rng.random() * 80:.1f} GiB, device cuda:{step % 8}\n"
        else:
            line = f"{step} INFO:root:saved checkpoint to /data/out/step-{step:08d}/model.safetensors in {rng.random() * 9:.1f} s\n"
        lines.append(line)
        n += len(line)
    return "".join(lines).encode()


def write(path, gib, error_at):
    block = training_text(16 << 20)
    total = gib << 30
    with open(path, "wb") as out:
        for n in range(0, total, len(block)):
            if error_at == "start" and n == 0 or error_at == "middle" and n <= total // 2 < n + len(block):
                out.write(ERROR)
            out.write(block)
        if error_at == "end":
            out.write(ERROR)
    return path.stat().st_size


def row(name, seconds, size, memory, floor=None):
    rate = f"{size / seconds / 1e9:6.2f} GB/s" if size else " " * 11
    ratio = f"{seconds / floor:6.2f} x reading" if floor else ""
    print(f"{name:34} {seconds * 1000:9.1f} ms {rate} {memory:7.1f} MB {ratio}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cufit")
    parser.add_argument("--gib", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    cufit = os.path.abspath(options.cufit)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "train.log"
        for where in ("start", "middle", "end"):
            size = write(path, options.gib, where)
            floor, memory, _ = measured(["cat", path], options.runs)
            if where == "start":
                row("floor: cat", floor, size, memory)
                seconds, memory, _ = measured(["grep", "-a", "-c", "no kernel image", path], options.runs, env={**os.environ, "LC_ALL": "C"})
                row("grep -c, one text", seconds, size, memory, floor)
            seconds, memory, status = measured([cufit, "explain", path], options.runs)
            row(f"explain, error at the {where} ({status})", seconds, size, memory, floor)
        with path.open("wb") as out:
            for _ in range(1 << 6):
                out.write(b"x" * (1 << 24))
            out.write(ERROR)
        seconds, memory, status = measured([cufit, "explain", path], options.runs)
        row(f"one line of 1 GiB ({status})", seconds, path.stat().st_size, memory)
        garbage = random.Random(1).randbytes(16 << 20)
        with path.open("wb") as out:
            for _ in range(16):
                out.write(garbage)
        seconds, memory, status = measured([cufit, "explain", path], options.runs)
        row(f"garbage, 256 MiB ({status})", seconds, path.stat().st_size, memory)
        with path.open("wb") as out:
            for _ in range(5):
                out.write(b"CUDA out of memory. Tried to allocate 1.00 GiB. GPU\n" * (1 << 20))
        seconds, memory, status = measured([cufit, "explain", path], options.runs)
        row(f"nothing but errors ({status})", seconds, path.stat().st_size, memory)
        seconds, memory, status = run(["sh", "-c", f"timeout 10 yes 'a line of a log without an end' | {cufit} explain -"])
        row(f"endless input for 10 s ({status})", seconds, 0, memory)
        path.write_bytes(b"".join(TWENTY % n for n in range(19)) + ERROR)
        seconds, memory, status = measured([cufit, "explain", path], 15)
        row(f"20 lines ({status})", seconds, 0, memory)
        seconds, memory, _ = measured([cufit, "--version"], 15)
        row("floor: cufit --version", seconds, 0, memory)


main()
