"""rules.py against what does not come from us: hand cases with sources, and what a real H100 did."""

import json
import re
import sys
from pathlib import Path

from rules import FITS, LIMITED, Data, Image, Jit, Question, cuda, jit_switches, judge, module_outcomes, target, visible_code

HERE = Path(__file__).parent
DATA = Data(HERE.parent.parent / "data")

# The machine of truth.jsonl: one H100 (9.0) with driver 580.159.04.
H100, H100_CUDA = (9, 0), (13, 0)

BOARDS = {
    "a800": "a800-sxm4-80gb", "rtx4090": "rtx-4090", "rtx3090": "rtx-3090", "h800": "h800-pcie",
    "v100": "v100-sxm2-16gb", "rtx5090": "rtx-5090", "b200": "b200", "t4": "tesla-t4", "gtx1080ti": "gtx-1080-ti",
    "l4": "l4", "a100": "a100-sxm4-80gb", "gb10": "gb10", "h100": "h100-pcie",
}  # fmt: skip


def case_problem(row):
    driver = None if row["driver"] == "none" else row["driver"]
    arch = "aarch64" if row["gpu"] == "gb10" else "x86_64"
    answer = judge(DATA, Question(row["target"], BOARDS[row["gpu"]], driver, arch=arch))
    expect = row["expect"]
    codes = {expect["code"]} if expect["code"] else set()
    when = {expect["when"].lower().replace(" ", "-")} if expect["when"] else set()
    if (answer.verdict, answer.codes, answer.when) != (expect["verdict"], codes, when):
        return f"{row['id']}: {answer}, expected {expect}"
    return None


def images_of(text, toolkit):
    """"v80s90 p80@8.4" -> images. LTO-IR is no image that a driver takes by itself."""
    images = []
    for word in text.split():
        m = re.fullmatch(r"(?:v[0-9]+)?([spl])([0-9]+[af]?)(?:@([0-9.]+))?", word)
        kind, code, at = m.groups()
        if kind == "l":
            continue
        isa = (0, 0)
        if kind == "p":
            # Behind @ stands a toolkit (11.5 and later in this table) or a PTX ISA (9.5 at most).
            isa = cuda(at) if at and cuda(at) < (10, 0) else DATA.isa(cuda(at or toolkit))
        images.append(Image("sass" if kind == "s" else "ptx", target(code), (isa, isa)))
    return images


def truth_outcomes(row):
    """One outcome per translation unit; all of them launch a kernel."""
    built, _, remark = row["built"].partition("·")
    if "several toolkits:" in remark:
        built = remark.partition(":")[2]
    units = [u for u in built.split("|") if u.strip()]
    hidden = visible_code(row["env"])
    if hidden:
        return [("unfit", hidden)]
    forced, disabled = jit_switches(row["env"])
    jit = Jit(H100_CUDA, DATA.isa(H100_CUDA), forced == {True}, disabled == {True})
    toolkit = row["toolkit"] if re.match(r"[0-9]", row["toolkit"]) else "12.4"
    per_unit = []
    of_units = re.match(r" units from toolkits ([0-9., ]+)", remark)
    for i, unit in enumerate(units):
        made_by = of_units[1].split(",")[i].strip() if of_units else toolkit
        per_unit.append(images_of(unit, made_by))
    linked = re.search(r"device link (?:for|gives) ([^,]*)", remark)
    relocatable = linked or "rdc" in remark or "dynamic parallelism" in remark
    if linked:
        whole = module_outcomes(DATA, images_of(linked[1], toolkit), H100, jit)
        if whole != {("unfit", 209)}:
            return list(whole)
        if "link-time" in remark:
            return [("unfit", 500)]
    results = []
    for images in per_unit:
        (one,) = module_outcomes(DATA, images, H100, jit, bare=row["kind"] in ("cubin", "ptx"))
        if one == ("unfit", 209) and relocatable:
            one = ("unfit", 500)  # RUN-2
        elif one == ("unfit", 209) and row["load"] == "runtime" and cuda(toolkit) <= (10, 0):
            one = ("unfit", 48)  # RUN-1
        results.append(one)
    return results or [FITS]


def truth_problem(row):
    results = truth_outcomes(row)
    codes = {r[1] for r in results if r[0] == "unfit"}
    verdict = "unfit" if codes else "limited" if LIMITED in results else "fits"
    right = verdict in row["verdicts"] and (row["code"] in codes if row["code"] else not codes)
    return None if right else f"{row['id']}: {row['built']!r} {row['env']}: {results}, expected {row['verdicts']} {row['code']}"


def main():
    problems, count = [], 0
    for name, check in (("cases.jsonl", case_problem), ("truth.jsonl", truth_problem)):
        for line in (HERE / name).read_text().splitlines():
            count += 1
            problems.append(check(json.loads(line)))
    problems = [p for p in problems if p]
    print(*problems, f"{count - len(problems)} of {count} right", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
