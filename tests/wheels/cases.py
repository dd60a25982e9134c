"""Cases by hand: GPU, driver and a published wheel, and the verdict that NVIDIA's documents give them.

Each row of cases.jsonl names its source. `cufit check WHEEL --gpu G --driver D --json` must give the verdict, the
code and the time of failure, and every remedy of the row that is a driver; none of the remedies that the row rules
out. Remedies that name another build ("torch 2.2.0+cu118") need the catalogue of builds and are listed, not judged.

The binary is `$CUFIT` (default `build/release/cufit`). Words on the command line choose the cases.
"""

import json
import subprocess
import sys

import cache
from compare import CUFIT, TIMEOUT_S

WHEN = {"first CUDA call": "first-cuda-call", "first kernel": "first-kernel", None: None}
RULED_OUT = {  # words of the corpus: words that a remedy must not hold
    "LD_LIBRARY_PATH": ["LD_LIBRARY_PATH"],
    "swap libcudart": ["libcudart"],
    "cuda-compat": ["cuda-compat", "forward compatibility"],
}


def wheel_of(target):
    """torch==2.2.0+cu121 -> the row whose CUDA is 12.1."""
    package, _, version = target.partition("==")
    release, _, local = version.partition("+cu")
    for row in cache.rows("wheels"):
        if (row["package"], row["version"]) == (package, release) and row["cuda"].replace(".", "") == local:
            return row
    sys.exit(f"no row of wheels.json is {target}")


def check(case):
    command = [CUFIT, "check", str(cache.wheel_path(wheel_of(case["target"]))), "--gpu", case["gpu"], "--json"]
    if case["driver"] != "none":
        command += ["--driver", case["driver"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        sys.exit(f"{' '.join(command)}: status {done.returncode}, no JSON; {done.stderr.strip()[:500]}")


def fields(version):
    return [int(part) for part in version.split(".")]


def is_driver(remedy, wanted):
    """Is a remedy "driver >= 525.60.13"? "driver >= 580" names the branch alone."""
    change = remedy["change"]
    minimum = str(change.get("minimum", "")).lstrip(">= ")
    return change["kind"] == "driver" and bool(minimum) and fields(minimum)[: len(fields(wanted))] == fields(wanted)


def problems(case, status, report):
    expect, found = case["expect"], []
    if len(report["judgements"]) != 1:
        return [f"{len(report['judgements'])} judgements, 1 expected"]
    judgement = report["judgements"][0]
    fails = judgement.get("fails") or {}

    def same(what, ours, expected):
        if ours != expected:
            found.append(f"{what}: {ours}, {expected} expected")

    same("verdict", judgement["verdict"], expect["verdict"])
    same("code", fails.get("code"), expect["code"])
    same("when", fails.get("when"), WHEN[expect["when"]])
    same("exit status", status, {"fits": 0, "limited": 0, "unfit": 1, "unknown": 3}[expect["verdict"]])
    if case["driver"] == "none" and not judgement.get("needs", {}).get("driver"):
        found.append("no condition on the driver")
    remedies = [r for f in report["findings"] for r in f["remedies"]]
    for wanted in case["remedies_include"]:
        least = wanted.removeprefix("driver >= ")
        if least != wanted and not any(is_driver(r, least) for r in remedies):
            found.append(f"no remedy '{wanted}'")
    for unwanted in case["remedies_exclude"]:
        if unwanted == "driver":
            found += ["a driver is offered, and would not help"] * any(r["change"]["kind"] == "driver" for r in remedies)
        for word in RULED_OUT.get(unwanted, []):
            found += [f"a remedy speaks of {word}"] * any(word in json.dumps(r) for r in remedies)
    return found


def main(only):
    cases = [json.loads(line) for line in (cache.HERE / "cases.jsonl").read_text().splitlines()]
    cases = [c for c in cases if not only or any(word in c["id"] for word in only)]
    cache.require({wheel_of(c["target"])["file"] for c in cases})
    failed = 0
    for case in cases:
        found = problems(case, *check(case))
        failed += bool(found)
        later = [r for r in case["remedies_include"] if "+cu" in r]
        name = f"{case['id']} {case['gpu']} {case['driver']} {case['target']}"
        print(f"{'FAILED' if found else 'ok'} {name}: {case['expect']['verdict']}", *found, sep="\n    ", flush=True)
        if later:
            print(f"    not judged here: {', '.join(later)}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
