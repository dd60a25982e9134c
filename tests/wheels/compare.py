"""`cufit inspect` against two oracles, on real wheels.

For each file with GPU code in the wheels of wheels.json:

1. the counts per architecture in `.nv_fatbin` and `__nv_relfatbin` equal cuobjdump's (oracle.py);
2. all that cufit finds, in every section and without container, equals the census of the bytes (census.py), whose
   every item was checked against its own header (LTO-IR by nvJitLink, lto.py);
3. what cufit says of the wheel equals what it says of the unpacked file.

The binary is `$CUFIT` (default `build/release/cufit`). Words on the command line choose the wheels whose file name
holds one of them; `--evidence FILE` writes the result as Markdown. Exit status 1: a difference.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import cache
import census
import evidence
import lto
import oracle

CUFIT = os.environ.get("CUFIT") or str(cache.HERE.parents[1] / "build" / "release" / "cufit")
GOAL = {"libraries": 40, "wheels": 12, "makers": 6}
TIMEOUT_S = 600


def inspect(paths):
    """Members with GPU code by path, and what could not be read, as `cufit inspect --json` tells them."""
    done = subprocess.run(
        [CUFIT, "inspect", "--json", *paths], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        sys.exit(f"{CUFIT} inspect: status {done.returncode}, no JSON; {done.stderr.strip()[:500]}")
    members, unread = {}, list(report.get("unread", []))
    for subject in report["subjects"]:
        unread += subject["read"].get("unread", [])
        for member in subject["members"]:
            unread += member.get("unread", [])
            if member["shapes"]:
                members[member["path"]] = member
    return members, unread


def images_of(member, usual):
    """(section, image) of each image in a container, as often as it occurs."""
    for shape in member["shapes"]:
        if shape["link"] != "loose" and (shape.get("section", "") in census.USUAL or not usual):
            for image in shape["images"]:
                yield shape.get("section", ""), image, shape["count"]


def as_cuobjdump(member):
    """Counts as cuobjdump names them: from the cubin, so that `f` is lost; LTO-IR is not listed."""
    counts = Counter()
    for _, image, count in images_of(member, usual=True):
        if image["kind"] in ("sass", "ptx"):
            counts[f"{image['kind']} {image['target'].rstrip('f')}"] += count
    return counts


def folded(answer, counts):
    """(cuobjdump's counts, ours) with what cuobjdump 12.8 cannot tell folded away on both sides.

    It reads bit 0x800 of sm_60 and sm_61 cubins of CUDA 8 as `a`, where it means something else, and calls the `a`
    cubins of 13.x plain."""
    theirs = Counter(answer["counts"])
    if not answer["tool"].startswith("12."):
        return theirs, counts

    def fold(c):
        out = Counter()
        for name, n in c.items():
            kind, target = name.split()
            number = float(target.rstrip("af"))
            out[f"{kind} {target.rstrip('a')}" if kind == "sass" and (number < 9 or number >= 10) else name] += n
        return out

    return fold(theirs), fold(counts)


def image_key(section, image):
    lto = image["kind"] == "lto"
    isa, packing = image.get("isa", "0.0"), "" if lto else image.get("packing", "none")
    return section, image["kind"], image["target"], isa, packing, bool(image.get("debug", False))


def everything(member):
    """All that was found, counted: modules per section, images in containers, code without container."""
    modules, images, loose = Counter(), Counter(), Counter()
    for shape in member["shapes"]:
        section = shape.get("section", "")
        if shape["link"] == "loose":
            for image in shape["images"]:
                loose[section, image["kind"], image["target"], image.get("packing", "none")] += shape["count"]
        else:
            modules[section] += shape["count"]
    for section, image, count in images_of(member, usual=False):
        images[image_key(section, image)] += count
    return modules, images, loose


def everything_in_census(found):
    modules = Counter(found["containers"])
    images = Counter({image_key(s, i): 0 for s, rows in found["images"].items() for i in rows})
    for section, rows in found["images"].items():
        for row in rows:
            images[image_key(section, row)] += row["count"]
    loose = Counter()
    for section, rows in found["loose"].items():
        for row in rows:
            loose[section, row["kind"], row["target"], row["packing"]] += row["count"]
    return modules, images, loose


def differences(what, ours, theirs):
    return [
        f"{what} {key}: cufit {ours.get(key, 0)}, {theirs.get(key, 0)} expected"
        for key in sorted(set(ours) | set(theirs), key=str)
        if ours.get(key, 0) != theirs.get(key, 0)
    ]


def same_in_wheel(name, member, in_wheel):
    """The member as told for the unpacked file and for the wheel, paths apart."""
    if in_wheel is None:
        return [f"{name}: in the unpacked files, not in the wheel"]

    def plain(m):
        m = {k: v for k, v in m.items() if k not in ("path", "role")}
        m["unread"] = [{k: v for k, v in gap.items() if k != "path"} for gap in m.get("unread", [])]
        return m

    a, b = plain(member), plain(in_wheel)
    return [f"{name}: {key} differs between the wheel and the unpacked file" for key in a | b if a.get(key) != b.get(key)]


def compare_library(path, digest, member):
    found = census.census_of(path, digest)
    answers = oracle.oracle_of(path, digest)
    result = {"answers": answers, "census": found, "differences": []}
    ours = Counter() if member is None else as_cuobjdump(member)
    result["compared"] = sum(ours.values())
    if "refused" in answers[-1]:
        result["compared"] = 0  # the census alone judges it
    else:
        theirs, ours = folded(answers[-1], ours)
        result["differences"] += differences("cuobjdump", ours, theirs)
    for what, mine, expected in zip(
        ("modules", "image", "loose"), everything(member or {"shapes": []}), everything_in_census(found)
    ):
        result["differences"] += differences(what, mine, expected)
    result["differences"] += [f"census: {c}" for c in found["complaints"]]
    if any(row["kind"] == "lto" for rows in found["images"].values() for row in rows):
        result["lto"] = lto.check_of(path, digest)
        result["differences"] += [f"nvJitLink: {c}" for c in result["lto"]["complaints"]]
    return result


def has_code(found):
    return bool(found["containers"] or found["loose"])


def compare_wheel(row):
    """{"row", "libraries": {name: result}, "differences", "unread", "seconds"}"""
    started = time.monotonic()
    result = {"row": row, "libraries": {}, "differences": [], "unread": []}
    wheel = cache.wheel_path(row)
    told, result["unread"] = inspect([str(wheel)])
    in_wheel = {path.rpartition("!")[2]: member for path, member in told.items()}
    result["seconds"] = time.monotonic() - started
    with cache.unpacked(row) as files:
        members, _ = inspect([str(p) for p in files.values()])
        for name, path in sorted(files.items()):
            if not name.endswith((".cubin", ".fatbin", ".ptx")):  # the oracles are for libraries and archives
                digest = cache.sha256(path)
                if has_code(census.census_of(path, digest)) or str(path) in members:
                    result["libraries"][name] = compare_library(path, digest, members.get(str(path)))
            if member := members.get(str(path)):
                result["differences"] += same_in_wheel(name, member, in_wheel.pop(name, None))
    result["differences"] += [f"{name}: in the wheel, not in the unpacked files" for name in in_wheel]
    return result


def goal_missed(results):
    with_code = [r for r in results if r["libraries"]]
    reached = {
        "libraries": sum(
            1 for r in with_code for lib in r["libraries"].values() if lib["compared"] and not lib["differences"]
        ),
        "wheels": len(with_code),
        "makers": len({r["row"]["maker"] for r in with_code}),
    }
    return [f"{reached[k]} {k}, at least {n} wanted" for k, n in GOAL.items() if reached[k] < n]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", metavar="WORD")
    parser.add_argument("--evidence", type=Path)
    args = parser.parse_args()
    cache.require(args.only)
    results = []
    for row in cache.rows("wheels", args.only):
        result = compare_wheel(row)
        results.append(result)
        print(evidence.line(result), flush=True)
        for difference in evidence.differences(result):
            print("    DIFFERENT", difference, flush=True)
    if args.evidence:
        args.evidence.write_text(evidence.markdown(results))
    missed = [] if args.only else goal_missed(results)
    failed = sum(bool(evidence.differences(r)) for r in results) + bool(missed)
    for m in missed:
        print("goal missed:", m)
    print(f"{len(results) - min(failed, len(results))} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
