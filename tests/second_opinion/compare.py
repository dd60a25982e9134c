"""Asks cufit and rules.py the same questions. Exit 1 on any difference."""

import argparse
import json
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from questions import all_questions
from rules import Data, judge, version

HERE = Path(__file__).parent


def command(cufit, group, gpus):
    build, driver, platform, arch, env, compat = group
    line = [cufit, "check", build, "--json", "--gpu", ",".join(gpus), "--platform", platform, "--arch", arch]
    if driver:
        line += ["--driver", driver]
    for name, value in env:
        line += ["--env", f"{name}={value}"]
    if compat:
        line += ["--compat", compat]
    return line


def groups_of(questions):
    """Questions that differ only in the GPU share a call. With several GPUs in a machine, visibility and
    forward compatibility are questions of the whole machine: those are asked one by one."""
    groups = defaultdict(list)
    for i, q in enumerate(questions):
        alone = i if q.compat or any(n == "CUDA_VISIBLE_DEVICES" for n, _ in q.env) else None
        groups[(q.build, q.driver, q.platform, q.arch, q.env, q.compat), alone].append(i)
    return groups


def ask(cufit, questions, groups):
    """Index of the question -> pairs of a row and the judgement of cufit on it, or the text of its refusal."""
    answers = {}

    def one(item):
        (group, _), indexes = item
        line = command(cufit, group, [questions[i].gpu for i in indexes])
        done = subprocess.run(line, capture_output=True, text=True)
        try:
            report = json.loads(done.stdout)
        except json.JSONDecodeError:
            reason = done.stderr.strip().splitlines()
            return [(i, reason[0] if reason else "no output") for i in indexes]
        # Subject-major. A target that may mean several rows is a subject for each.
        judgements = iter(report["judgements"])
        found = [(i, []) for i in indexes]
        for subject in report["subjects"]:
            for _, of_gpu in found:
                of_gpu.append((subject.get("build"), next(judgements)))
        return found

    with ThreadPoolExecutor(2) as pool:
        for pairs in pool.map(one, groups.items()):
            answers.update(pairs)
    return answers


def canonical(data, driver):
    """A version up to the first release of its branch is the branch."""
    row = data.branch(driver)
    if row and int(row["id"][1:]) == driver[0] and driver <= version(row["first_version"]):
        return driver[:1]
    return driver


def difference(data, q, mine, theirs):
    """(class of the difference, what I expected, what came), or None."""
    if mine.verdict == "no such row":
        return "row", "not this row", q.row
    rules = theirs["why"]["rule"]
    if mine.verdict != theirs["verdict"]:
        code = theirs.get("fails", {}).get("code")
        codes = "/".join(str(c) for c in sorted(mine.codes))
        return "verdict", f"{mine.verdict} {codes}".strip(), f"{theirs['verdict']} {code or ''}".strip() + f" by {rules}"
    if mine.verdict == "unfit":
        fails = theirs.get("fails", {"code": None, "when": None})
        if fails["code"] not in mine.codes:
            return "code", sorted(mine.codes), f"{fails['code']} by {rules}"
        if fails["when"] not in mine.when:
            return "when", sorted(mine.when), f"{fails['when']} for {fails['code']}"
    if q.driver is None and mine.verdict in ("fits", "limited"):
        needs = theirs["needs"]
        least = canonical(data, version(needs["driver"].removeprefix(">="))) if "driver" in needs else None
        expected = canonical(data, mine.least_driver) if mine.least_driver and mine.least_driver > (1,) else None
        if least != expected:
            return "condition", f"driver {expected}", f"driver {least}"
        before = int(needs["before"].removeprefix("R")) if "before" in needs else None
        if before != mine.before:
            return "condition", f"before {mine.before}", f"before {before}"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cufit")
    parser.add_argument("--full", action="store_true", help="every build on every chip")
    parser.add_argument("--only", default="", help="only builds whose name contains this")
    parser.add_argument("--examples", type=int, default=3)
    options = parser.parse_args()

    data = Data(HERE.parent.parent / "data")
    questions = [q for q in all_questions(data, options.full) if options.only in q.build]
    groups = groups_of(questions)
    theirs = ask(options.cufit, questions, groups)
    found = defaultdict(list)
    for i, q in enumerate(questions):
        if isinstance(theirs[i], str):
            found["refused", "an answer", theirs[i]].append(q)
            continue
        for row, judgement in theirs[i]:
            one = replace(q, row=row) if len(theirs[i]) > 1 else q
            problem = difference(data, one, judge(data, one), judgement)
            if problem:
                found[tuple(str(p) for p in problem)].append(one)
    for cause, asked in sorted(found.items(), key=lambda item: -len(item[1])):
        print(f"{len(asked):6} {cause[0]}: expected {cause[1]}, cufit says {cause[2]}")
        for q in asked[:: max(1, len(asked) // options.examples)][: options.examples]:
            group = q.build, q.driver, q.platform, q.arch, q.env, q.compat
            print("         " + " ".join(command("cufit", group, [q.gpu])))
    different = sum(len(asked) for asked in found.values())
    print(f"{len(questions)} questions in {len(groups)} calls: {different} answers differ, in {len(found)} ways")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
