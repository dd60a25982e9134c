#!/usr/bin/env python3
"""How often `cufit explain` names the right cause: score.py CUFIT FILE.jsonl... [--every 5 --kept|--aside] [-v]

Each line of a file: {"id", "class", "also": [...], "text"}; class "ok" and "python-bug" are logs of which nothing must be blamed. Top-1: the first
finding is the class or one of `also`; top-3: one of the first three is; wrong and sure: the first finding is neither and its confidence is high.
--kept, --aside: every fifth case is put aside, these are the rest or those.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess

CONTROLS = {"ok", "python-bug"}


def explained(cufit, text, lang="en"):
    done = subprocess.run([cufit, "--lang", lang, "explain", "--json", "-"], input=text.encode("utf-8", "surrogateescape"), stdout=subprocess.PIPE, check=False)
    return [(f["cause"], f["confidence"]) for f in json.loads(done.stdout)["findings"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cufit")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--every", type=int, default=5)
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--kept", action="store_true")
    part.add_argument("--aside", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true", help="list what was wrong (of cases put aside only the numbers are told)")
    args = parser.parse_args()
    for path in args.files:
        cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        if args.kept or args.aside:
            cases = [c for i, c in enumerate(cases) if (i % args.every == args.every - 1) == args.aside]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda c: explained(args.cufit, c["text"]), cases))
        top1 = top3 = sure = sure_right = wrong_sure = blamed = controls = 0
        for case, found in zip(cases, answers):
            right = {case["class"], *case.get("also", [])}
            if case["class"] in CONTROLS:
                controls += 1
                good = not found
                blamed += not good
                top1 += good
                top3 += good
            else:
                good = bool(found) and found[0][0] in right
                top1 += good
                top3 += any(cause in right for cause, _ in found[:3])
            is_sure = bool(found) and found[0][1] == "high"
            sure += is_sure
            sure_right += is_sure and good
            wrong_sure += is_sure and not good
            if args.verbose and not args.aside and not good:
                print(f"{case['id']}  {'/'.join(sorted(right))}\n    {found[:3]}\n    {case['text'][:300]!r}")
        n = len(cases)
        print(f"{path.name}: {n} cases, top-1 {top1} ({top1 / n:.1%}), top-3 {top3} ({top3 / n:.1%}), sure {sure}, of them right {sure_right}, "
              f"wrong and sure {wrong_sure} ({wrong_sure / n:.1%}), controls {controls}, blamed {blamed}")


main()
