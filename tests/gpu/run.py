#!/usr/bin/env python3
"""Runs every program that build.py built on this machine's GPU: run.py FOLDER RESULTS.jsonl

Each run is a process of its own with a time limit, an own empty CUDA_CACHE_PATH and no CUDA_* variable but those of the
run. RESULTS.jsonl gets one row for each; tests/gpu/README.md says what the fields mean.
Exit: 0 all runs done, 2 no GPU here.
"""
import concurrent.futures
import datetime
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

import build

TIME_LIMIT = 120  # seconds; a run takes less than two
AT_ONCE = 8


def gpu_here():
    """(name, driver version, UUID) of the one GPU of this machine, or None."""
    try:
        said = subprocess.run(["nvidia-smi", "--query-gpu=name,driver_version,uuid", "--format=csv,noheader"],
                              capture_output=True, text=True, check=True, timeout=60).stdout.strip().splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    return [tuple(part.strip() for part in line.split(",")) for line in said][0] if said else None


def filled(value, uuid, stubs):
    """Placeholders of programs.toml: {uuid} of the GPU, {uuid:N} its first N characters, {stubs} a folder."""
    value = re.sub(r"\{uuid(?::(\d+))?\}", lambda m: uuid[:int(m[1])] if m[1] else uuid, value)
    return value.replace("{stubs}", str(stubs))


def masked(value, uuid):
    """The row names no real GPU: its UUID is written with other digits."""
    other = "GPU-" + re.sub("[0-9a-f]", "a", uuid[4:])
    for length in (len(uuid), 12, 5):
        value = value.replace(uuid[:length], other[:length])
    return value


def stub_folder(folder):
    """A folder with the libcuda of a toolkit as libcuda.so.1, or None."""
    nvcc = shutil.which("nvcc")
    if not nvcc:
        return None
    stub = next(pathlib.Path(nvcc).resolve().parent.parent.glob("lib*/stubs/libcuda.so"), None)
    if stub:
        (folder / "stubs").mkdir(exist_ok=True)
        shutil.copyfile(stub, folder / "stubs" / "libcuda.so.1")
        return (folder / "stubs").resolve()
    return None


def verdicts(row, program):
    """The verdicts that are right, by what happened alone.

    It ran: `fits`, or `limited` if the driver compiled PTX for it; either where device code is linked. It failed:
    `unfit`; where only some translation units failed, or the image that a program chose among several, `limited` as
    well, because the bytes cannot tell which kernels a program launches. Dynamic parallelism that is forced to run from
    PTX: the program's own unit may have some where libcudadevrt, a unit of its own, has none: `limited` as well. A
    variable that names a GPU by its whole UUID: `unknown` as well, because no argument tells cufit the UUID.
    """
    if row["code"] is None:
        return []
    if row["outcome"] == "ok":
        right = ["limited"] if row["jit"] else ["fits"]
        if program["build"] != "whole":
            right = ["fits", "limited"]
    else:
        codes = row.get("units", [row["code"]])
        chose = program["kind"] == "exe" and program["load"] != "runtime" and program["units"] > 1
        forced = program["build"] == "nested" and any("FORCE" in variable for variable in row["env"])
        right = ["limited", "unfit"] if chose or forced or 0 in codes else ["unfit"]
    if re.search("GPU-[0-9a-f-]{36}", row["env"].get("CUDA_VISIBLE_DEVICES", "")):
        right.append("unknown")
    return right


def ran_by_jit(units, program, cache_files, cache_works):
    """Whether the driver compiled PTX. Units put together from single images say which of them ran; from others the
    compute cache tells, where the driver leaves what it compiled. Where both speak and differ, that is printed."""
    by_image = None
    if program["ptx_images"] is not None:
        by_image = any(int(image) in program["ptx_images"][str(unit)] for unit, _, _, _, image in units)
    if not cache_works:
        return by_image
    if by_image is not None and by_image != bool(cache_files):
        print(f"{program['path']}: compute cache {cache_files}, units {units}", file=sys.stderr)
    return bool(cache_files) if by_image is None else by_image


def run_one(folder, program, env, axis, here, stubs):
    name, driver, uuid = here
    path = folder / program["path"]
    if program["kind"] == "a":
        path = path.with_suffix(".linked")
    command = [path]
    if program["load"] != "runtime" and program["kind"] != "exe":
        command = [folder / "driver", program["load"], path]
    elif program["kind"] == "so":
        command = [folder / "open", path]
    base = {k: v for k, v in os.environ.items() if not k.startswith("CUDA_")}
    with tempfile.TemporaryDirectory() as cache:
        given = {k: filled(v, uuid, stubs) for k, v in env.items()}
        try:
            done = subprocess.run(command, env={**base, "CUDA_CACHE_PATH": cache, **given}, capture_output=True, text=True,
                                  timeout=TIME_LIMIT)
            output, ended = done.stdout, "crash" if done.returncode not in (0, 1) else None
            if ended:
                print(f"{program['path']} {env}: exit {done.returncode} {done.stderr.strip()}", file=sys.stderr)
        except subprocess.TimeoutExpired:
            output, ended = "", "timeout"
        cache_files = sorted(p.name for p in pathlib.Path(cache).rglob("*") if p.is_file() and p.name != "index")
    units = [line.split()[1:] for line in output.splitlines() if line.startswith("UNIT ")]
    row = {"axis": axis, "path": program["path"], "kind": program["kind"], "load": program["load"], "gpu": name,
           "driver": driver, "date": datetime.date.today().isoformat(), "env": {k: masked(v, uuid) for k, v in given.items()}
           if axis != "machine" else env, "toolkit": program["toolkit"], "cudart": program["cudart"],
           "built": program["built"]}
    failed = next((u for u in units if u[2] != "0"), None)
    if ended or not units:
        row |= {"outcome": "fail", "code": None, "stage": ended or "silent", "ran_code_of": None, "jit": None}
    elif failed:
        row |= {"outcome": "fail", "code": int(failed[2]), "stage": failed[1], "ran_code_of": None, "jit": None}
    else:
        jit = ran_by_jit(units, program, cache_files, env.get("CUDA_CACHE_MAXSIZE") != "0")
        row |= {"outcome": "ok", "code": 0, "stage": "ok", "ran_code_of": int(units[0][3]), "jit": jit}
    if len(units) > 1:
        row["units"] = [int(u[2]) for u in units]
    row["verdicts"] = verdicts(row, program)
    return row


def runs_of(table, manifest):
    """(program, env, axis) of every run, in the order of the table."""
    for group, _, name, _, _ in build.entries(table):
        for env in group.get("env", [{}]):
            yield manifest[name], env, "fit"
    for runs in table["runs"]:
        for name, env in itertools.product(runs["programs"], runs["env"]):
            yield manifest[name], env, runs.get("axis", "fit")


def main():
    folder, results = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    here = gpu_here()
    if here is None:
        print("test-gpu: no GPU here (nvidia-smi names none), so nothing was run", file=sys.stderr)
        return 2
    folder = folder.resolve()
    table = tomllib.loads((build.HERE / "programs.toml").read_text())
    manifest = json.loads((folder / "manifest.json").read_text())
    stubs = stub_folder(folder)
    runs = [r for r in runs_of(table, manifest) if r[2] != "machine" or stubs]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(lambda r: run_one(folder, r[0], r[1], r[2], here, stubs), runs))
    with results.open("w") as out:
        for i, row in enumerate(rows, 1):
            out.write(json.dumps({"id": f"o{i:04}", **row}) + "\n")
    lost = [row["path"] for row in rows if row["code"] is None]
    print(f"{here[0]}, driver {here[1]}: {len(rows)} runs of {len({r['path'] for r in rows})} programs, "
          f"{sum(r['outcome'] == 'ok' for r in rows)} ran, {len(lost)} crashed or hung {lost}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
