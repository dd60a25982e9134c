#!/usr/bin/env python3
"""deadlines.py BUILD [OUTPUT.md]: how long the probe takes with drivers that misbehave, beyond the time that it gives them.

Asks the fake drivers (BUILD/tests/ask_driver, `ninja ask_driver test_probe`), with each fault in a first, a middle and a last
call of both libraries, and measures from the start of the threads to their end. A fault that ends the child has no deadline: all
of its time counts. Exit 1: one took more than half a second beyond.
"""
import json
import os
import pathlib
import subprocess
import sys

CALL, ALL = 1000, 2000  # milliseconds
LIMIT = 500

CALLS = ["load", "cuDriverGetVersion", "cuInit", "cuDeviceGetName", "cuLaunchKernel",
         "nvmlInit_v2", "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetTopologyCommonAncestor"]
# Fault, in words, and the time that is waited for it.
FAULTS = [("hang", "hangs", CALL), ("print", "prints without end", CALL), ("crash", "crashes", 0), ("abort", "aborts", 0),
          ("exit", "ends the process", 0), ("garbage", "writes garbage", 0), ("everywhere", "writes garbage to every descriptor", 0),
          ("version", "another version of frames", 0), ("flood", "floods the pipe", 0), ("close", "closes all descriptors", 0),
          ("closehang", "closes all descriptors and hangs", 0), ("forkexit", "ends, and leaves a process that holds the pipe", 0)]
# Of both libraries at once.
SLOW = "slow:cuDeviceGetAttribute:300 slow:nvmlDeviceGetNvLinkState:300"
LIES = "count:cuDeviceGetCount:2000000000 count:nvmlDeviceGetCount_v2:4000000000"


def ask(build, driver):
    """Milliseconds, and how it ended for both libraries."""
    env = dict(os.environ, LD_LIBRARY_PATH=str(build / "tests/probe/fake/new"), FAKE_DRIVER=driver)
    done = subprocess.run([build / "tests/ask_driver", str(CALL), str(ALL)], capture_output=True, text=True, env=env, check=True)
    answers = json.loads(done.stdout)
    return float(done.stderr.split()[-1]), [answers[library]["asking"]["end"] for library in ("nvml", "cuda")]


def rows(build):
    """(what, time given, the longest time, ends seen)"""
    for fault, words, given in FAULTS:
        asked = [ask(build, f"{fault}:{call}") for call in CALLS]
        yield words, given, max(time for time, _ in asked), {end for _, ends in asked for end in ends} - {"done"}
    both = ask(build, "hang:cuInit hang:nvmlInit_v2")
    yield "both libraries hang", CALL, both[0], set(both[1])
    slow = ask(build, SLOW)
    yield "every call is slow", ALL, slow[0], set(slow[1])
    lies = ask(build, LIES)
    yield "lies about its counts", 0, lies[0], set(lies[1])
    well = ask(build, "")
    yield "works", 0, well[0], set(well[1])


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    lines = [f"Time given: {CALL} ms for one call, {ALL} ms in all; {len(CALLS)} calls for each fault, the longest of them.", "",
             "| the driver | given (ms) | took (ms) | beyond (ms) | told as |", "|---|---|---|---|---|"]
    late = False
    for words, given, took, ends in rows(build):
        late |= took - given > LIMIT
        lines.append(f"| {words} | {given} | {took:.0f} | {took - given:.0f} | {', '.join(sorted(ends))} |")
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if len(sys.argv) > 2:
        pathlib.Path(sys.argv[2]).write_text(text, encoding="utf-8")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
