"""Real environments and what `cufit check` says of them.

environments.json says what each environment is made of, and asks questions: GPU, driver, and for the distributions of
interest the verdict that bytes, metadata and NVIDIA's documents give. Everything is below the cache (cache.py):

    installed/          each wheel once, as pip installs it (installed.py)
    environments/NAME/  hard links to that, in the layout of the environment; nothing in it is ever written through

Each environment is asked all its questions. The text output must be golden/NAME.txt, and the JSON must agree with the
verdicts by hand. The binary is `$CUFIT` (default `build/release/cufit`). Words on the command line choose the
environments whose name holds one of them.

    environments.py [--build] [--write] [WORD...]       --build: build only; --write: write the goldens
"""

import argparse
import difflib
import json
import os
import subprocess
import sys

import cache
import installed
import layouts
from compare import CUFIT, TIMEOUT_S

ENVIRONMENTS = cache.ROOT / "environments"
GOLDEN = cache.HERE / "golden"


def specs(only):
    rows = json.loads((cache.HERE / "environments.json").read_text())["environments"]
    return [r for r in rows if not only or any(word in r["name"] for word in only)]


def recipe(spec):
    """What an environment is made of, without what is asked about it."""
    asked = ("questions", "why", "as_root", "python", "version", "cuda", "stand_ins", "other", "duplicates")
    return {key: spec[key] for key in sorted(spec) if key not in asked}


def build(spec, wheels):
    """The folder of an environment, built if it is not there as its recipe says; None if a wheel is missing."""
    root, mark = ENVIRONMENTS / spec["name"], ENVIRONMENTS / (spec["name"] + ".json")
    if mark.exists() and json.loads(mark.read_text()) == recipe(spec):
        return root
    folders = {name: installed.install(wheels[name]) for name in layouts.distributions(spec)}
    if absent := [name for name, folder in folders.items() if folder is None]:
        print("not to be had:", ", ".join(absent))
        return None
    print("build", spec["name"], flush=True)
    mark.unlink(missing_ok=True)
    layouts.make(spec, root, folders)
    cache.write_json(mark, recipe(spec))
    return root


def command_of(spec, question, root):
    target = ["--root", str(root)] if spec.get("as_root") else [str(root)]
    return [CUFIT, "check", *target, "--gpu", question["gpu"], "--driver", question["driver"]]


def run(command):
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH")}
    environment.update(NO_COLOR="1", COLUMNS="120", LC_ALL="C.UTF-8")
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, env=environment, errors="replace"
    )
    return done.returncode, done.stdout, done.stderr


def text_of(spec, root):
    """All answers as text; the environment's name stands for the path of this machine, `cufit` for the binary."""
    parts = []
    for question in spec["questions"]:
        command = command_of(spec, question, root)
        status, out, err = run(command)
        shown = " ".join(["cufit", *command[1:]])
        parts.append(f"$ {shown}\n{out}{err}[exit {status}]\n")
    return "\n".join(parts).replace(str(root) + "/", spec["name"] + "/").replace(str(root), spec["name"])


def verdicts(report):
    """{distribution: judgement} of a report about one environment and one GPU."""
    names = {s["id"]: s["name"] for s in report["subjects"]}
    return {names[j["subject"]]: j for j in report["judgements"]}


def disagreements(spec, question, root):
    command = command_of(spec, question, root) + ["--json"]
    status, out, err = run(command)
    try:
        found = verdicts(json.loads(out))
    except (ValueError, KeyError) as e:
        return [f"status {status}, no report ({e}): {err.strip()[:300]}"]
    wrong = []
    for expect in question["expect"]:
        for name in expect["of"]:
            judgement = found.get(name)
            verdict = judgement["verdict"] if judgement else "absent"
            code = (judgement or {}).get("fails", {}).get("code")
            if verdict not in expect["verdict"].split("|") or ("code" in expect and code != expect["code"]):
                said = f"{verdict} {code or ''}".strip()
                wanted = f"{expect['verdict']} {expect.get('code') or ''}".strip()
                wrong.append(f"{name}: {said}; by hand {wanted}: {expect['why']}")
    return wrong


def compare_golden(spec, root, write):
    path, text = GOLDEN / (spec["name"] + ".txt"), text_of(spec, root)
    if write:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return []
    if not path.exists():
        return [f"no {path.name}: write it with --write, and read it line by line"]
    before = path.read_text()
    return list(difflib.unified_diff(before.splitlines(), text.splitlines(), "golden", "now", lineterm="", n=1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("only", nargs="*")
    options = parser.parse_args()
    wheels, failed, chosen = installed.rows(), 0, specs(options.only)
    for spec in chosen:
        root = build(spec, wheels)
        if options.build:
            failed += root is None
            continue
        found = ["cannot be built"] if root is None else compare_golden(spec, root, options.write)
        for question in spec["questions"] if root else []:
            at = f"{question['gpu']} {question['driver']}"
            found += [f"{at}: {line}" for line in disagreements(spec, question, root)]
        failed += bool(found)
        print(f"{'FAILED' if found else 'ok'} {spec['name']}", *found, sep="\n    ", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
