#!/usr/bin/env python3
"""Compares what the GPU did with what cufit says: compare.py CUFIT FOLDER RESULTS.jsonl [--subjects FILE.jsonl]

Every judged row is put to `cufit check` with the GPU, driver and variables of the run. The verdict must be one of the
row's, and where the run failed, its error code must be named. --subjects writes what `cufit inspect` reads in each
program, for tests/judge. Exit: 0 all agree, 1 some do not.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys


def ask(cufit, folder, *arguments):
    done = subprocess.run([cufit, *arguments, "--json"], capture_output=True, text=True, cwd=folder)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"cufit {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")


def disagreement(cufit, folder, row):
    """Nothing if cufit is right about a run, else what it said."""
    variables = [a for k, v in row["env"].items() for a in ("--env", f"{k}={v}")]
    report = ask(cufit, folder, "check", row["path"], "--gpu", row["gpu"], "--driver", row["driver"], *variables)
    judgement = report["judgements"][0]
    codes = {limit["code"] for limit in judgement["limits"] if limit.get("code")}
    if judgement.get("fails"):
        codes.add(judgement["fails"]["code"])
    right = judgement["verdict"] in row["verdicts"]
    if judgement["verdict"] != "unknown":
        right &= row["code"] in codes if row["outcome"] == "fail" else not judgement.get("fails")
    said = f"cufit {judgement['verdict']} {sorted(codes)} by {judgement['why']['rule']}"
    return None if right else f"{row['id']} {row['path']} {row['env']}: {row['outcome']} {row['code']} {row['verdicts']}, {said}"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("cufit", type=pathlib.Path)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("results", type=pathlib.Path)
    arguments.add_argument("--subjects", type=pathlib.Path)
    options = arguments.parse_args()
    cufit = options.cufit.resolve()
    rows = [json.loads(line) for line in options.results.read_text().splitlines()]
    if options.subjects:
        with options.subjects.open("w") as out:
            for path in sorted({row["path"] for row in rows}):
                subject = ask(cufit, options.folder, "inspect", path)["subjects"][0]
                out.write(json.dumps({**subject, "id": ""}, separators=(",", ":")) + "\n")
    judged = [row for row in rows if row["axis"] != "machine" and row["verdicts"]]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        wrong = [w for w in pool.map(lambda row: disagreement(cufit, options.folder, row), judged) if w]
    print("\n".join(wrong))
    print(f"{len(judged)} runs judged, {len(judged) - len(wrong)} agree, {len(rows) - len(judged)} recorded only")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
