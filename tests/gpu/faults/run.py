#!/usr/bin/env python3
"""Puts faults into this machine, one at a time, and compares what cufit says with faults.toml.

    run.py CUFIT [--only WORD] [--env FOLDER] [--foreign FOLDER] [--faults FILE] [--json FILE] [--reports FOLDER]

Each is put in by a private mount namespace and by variables: nothing outside of it changes, the GPU's settings never.
`cufit doctor ENV --json` runs there and sees only the machine; then a small program of ours shows whether the fault is
in. Right is: the first finding that is an error or a warning has an expected cause, within 2 s; a control has none.
--env: the environment that is asked about, else that of the first python3 on the PATH that has torch; --foreign: CUDA
libraries of other versions; --faults: other rows; --reports: what cufit wrote about each, and what
showed whether it is in. Runs with Python 3.9 and a C compiler, best as root.
Exit: 0 all that were tried are right, 1 some are not, 2 no GPU here that works.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import namespace
import table
from machine import HERE, Machine, NotPossible, environment_here
from scene import Scene

SLOW = 2.0  # seconds
SMALL_SHM = 64 << 20  # bytes: what Docker gives
LIMIT = 120  # seconds for one program


def finished(command, scene, folder):
    """A program in the scene: {"exit", "out", "error", "seconds"}; exit is null if it was ended for its time."""
    user = {"user": scene.user.pw_uid, "group": scene.user.pw_gid, "extra_groups": []} if scene.user else {}
    start = time.perf_counter()
    try:
        done = subprocess.run(command, env=scene.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=folder,
                              stderr=subprocess.PIPE, timeout=LIMIT, text=True, errors="replace", check=False, **user)
        status, out, error = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        status, out, error = None, "", f"not done after {LIMIT} s"
    return {"exit": status, "out": out, "error": error, "seconds": round(time.perf_counter() - start, 3)}


def inside(scene, commands, folder):
    """Runs the commands in the scene's namespace. What each came to, or NotPossible."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if scene.mounts:
                namespace.enter()
                for put in scene.mounts:
                    put()
            said = [finished(command, scene, folder) for command in commands]
        except BaseException as error:  # the parent tells it
            said = f"{type(error).__name__}: {error}"
        with os.fdopen(write, "w") as out:
            json.dump(said, out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answers:
        text = answers.read()
    os.waitpid(child, 0)
    said = json.loads(text) if text else "it ended without an answer"
    if isinstance(said, str):
        raise NotPossible(said)
    return said


class Trial:
    """One row, tried: what cufit said and whether that is right."""

    def __init__(self, row):
        self.row = row
        self.control = "expect" not in row
        self.not_tried = self.bites = None
        self.seen = self.checked = ""
        self.cufit = {}
        self.findings = []
        self.torch = set()  # its ids in the report

    def take(self, cufit, check, scene):
        self.cufit, self.checked = cufit, check["out"]
        try:
            report = json.loads(cufit["out"])
        except ValueError:
            report = {}
        found = report.get("findings", [])
        self.torch = {s["id"] for s in report.get("subjects", []) if s.get("name") == "torch"}
        self.findings = [f for f in found if f.get("severity") in ("error", "warning")]
        self.look_for_bite(check["out"], scene)
        named = f"; named: {', '.join(self.causes) or 'none'}"
        if self.control and self.bites:
            self.not_tried = f"it is no control here, it bites: {self.seen}{named}"
        if not self.control and not self.bites and not self.row.get("harmless"):
            self.not_tried = f"it does not bite: {self.seen}{named}"

    def look_for_bite(self, out, scene):
        what = self.row.get("bites", "init")
        lines = [line.split(None, 1) for line in out.splitlines() if " " in line]
        answers = {word: value for word, value in lines if word != "mapped"}
        if what == "mapped":
            mapped = {value for word, value in lines if word == "mapped"} & scene.foreign
            self.bites = bool(mapped)
            names = ", ".join(sorted(map(os.path.basename, mapped)))
            self.seen = f"{'mapped ' + names if mapped else 'not mapped'}; torch {answers.get('torch', '?')}"
            return
        # What failed before is what is seen.
        good = {"torch": "ok"}.get(what, "0")
        before = {"context": ["init"], "jit": ["init", "context"], "image": ["init", "context"]}.get(what, [])
        asked = [*before, what]
        failed = next((word for word in asked if answers.get(word) != good), None)
        self.seen = f"{failed or what} {answers.get(failed or what, 'no answer')}"
        self.bites = failed is not None
        if what == "shm":
            self.bites = int(answers.get("shm", 0)) <= SMALL_SHM

    @property
    def causes(self):
        return [f.get("cause") or "?" for f in self.findings]

    def wrong(self):
        """What is wrong with the answer, as sentences."""
        row, first = self.row, (self.causes or ["none"])[0]
        if self.cufit["exit"] not in (0, 1, 3) or not self.cufit["out"]:
            yield f"cufit ended with {self.cufit['exit']}: {self.cufit['error'].strip()[-300:]}"
            return
        if self.control:
            if self.causes:
                yield f"names {', '.join(self.causes)} where nothing is wrong"
        elif not self.bites:
            # Other frameworks search otherwise: JAX does map what LD_LIBRARY_PATH holds. torch was looked at.
            of_torch = {f.get("cause") for f in self.findings if self.torch & {on["subject"] for on in f.get("on", [])}}
            if of_torch & set(row["expect"]):
                yield f"a false alarm: {self.seen}"
        else:
            if first not in row["expect"]:
                yield f"first is {first}, right is {' or '.join(row['expect'])}"
            if "exit" in row and self.cufit["exit"] != row["exit"]:
                yield f"exit {self.cufit['exit']}, right is {row['exit']}"
        if self.cufit["seconds"] > SLOW:
            yield f"{self.cufit['seconds']:.2f} s"

    def besides(self):
        """Causes that no column of the table allows for."""
        return [c for c in self.causes[1:] if c not in self.row.get("expect", []) + self.row.get("also", [])]

    def as_json(self):
        row = {"id": self.row["id"], "control": self.control, "not_tried": self.not_tried, "seen": self.seen}
        if not self.not_tried:
            row.update(causes=self.causes, exit=self.cufit["exit"], seconds=self.cufit["seconds"],
                       wrong=list(self.wrong()))
        return row

    def line(self):
        if self.not_tried:
            return f"{self.row['id']:24} not tried: {self.not_tried}"
        word = "WRONG" if list(self.wrong()) else "right" if self.bites or self.control else "right (harmless)"
        named = (self.causes or ["none"])[0] + (f" +{', '.join(self.besides())}" if self.besides() else "")
        return (f"{self.row['id']:24} {self.seen[:46]:46} {named:46} exit {self.cufit['exit']} "
                f"{self.cufit['seconds']:6.3f} s  {word}")

    def in_full(self):
        lines = [f"{self.row['id']}: " + "; ".join(self.wrong()), f"  what it is: {self.row['why']}",
                 f"  seen: {self.seen}"]
        for finding in self.findings[:3]:
            lines.append(f"  {finding.get('severity')} {finding.get('cause')}: {json.dumps(finding.get('why'))[:600]}")
        return "\n".join(lines)


class Harness:
    def __init__(self, options, work):
        self.machine = Machine(work, options.env or environment_here(), options.foreign)
        self.work = work
        self.cufit = work / "cufit"
        shutil.copy(options.cufit, self.cufit)
        self.cufit.chmod(0o755)
        self.broken = {}  # what shows a fault of this kind before any is put in, by `bites`
        self.doctor = [self.cufit, "doctor", *([self.machine.env] if self.machine.env else []), "--json"]

    def check_that_it_works(self, bites):
        """What is broken by itself shows nothing of a fault."""
        if bites not in self.broken:
            trial = Trial({"steps": [], "bites": bites})
            scene = Scene(trial.row, self.machine, self.work)
            self.own_cache(scene)
            done, = inside(scene, [self.check(bites, scene)], self.work)
            trial.look_for_bite(done["out"], scene)
            self.broken[bites] = trial.seen if trial.bites else None
        if self.broken[bites]:
            raise NotPossible(f"so it is before, too: {self.broken[bites]}")

    def check(self, bites, scene):
        """The command that shows whether the fault is in."""
        if bites in ("torch", "mapped"):
            return [self.machine.python, "-B", self.work / "torch_oracle.py"]
        return [self.machine.oracle, f"image={scene.images}" if bites == "image" else bites]

    def own_cache(self, scene):
        """Of each user one, below the folder of work; what the driver compiles is kept by nobody."""
        name = scene.user.pw_name if scene.user else "self"
        cache = self.work / f"cache-{name}"
        if not cache.exists():
            cache.mkdir()
            if scene.user:
                os.chown(cache, scene.user.pw_uid, scene.user.pw_gid)
        scene.env.update(XDG_CACHE_HOME=str(cache), HOME=str(cache), CUDA_CACHE_DISABLE="1")

    def try_row(self, row):
        trial = Trial(row)
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        folder.chmod(0o755)
        scene = None
        try:
            bites = row.get("bites", "init")
            if bites not in ("image", "mapped"):
                self.check_that_it_works(bites)
            scene = Scene(row, self.machine, folder)
            self.own_cache(scene)
            trial.take(*inside(scene, [self.doctor, self.check(bites, scene)], folder), scene)
        except (NotPossible, OSError) as error:
            trial.not_tried = str(error)
        finally:
            if scene:
                scene.end()
        return trial

    def warm_up(self):
        """Environments are read once, and read again by what changed in them: as on a machine in use."""
        self.try_row({"id": "warm-up", "steps": []})
        if os.getuid() == 0:
            self.try_row({"id": "warm-up", "steps": [{"as": "nobody"}]})


def summary(trials):
    tried = [t for t in trials if not t.not_tried]
    missed = [t for t in tried if list(t.wrong())]
    for trial in missed:
        print("\n" + trial.in_full())
    slowest = max((t.cufit["seconds"] for t in tried), default=0)
    print(f"\n{len(tried) - len(missed)} of {len(tried)} right first, {len(trials) - len(tried)} not tried, "
          f"slowest {slowest:.2f} s")
    return missed


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("cufit", type=pathlib.Path)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--env", type=pathlib.Path)
    arguments.add_argument("--foreign", type=pathlib.Path)
    arguments.add_argument("--faults", type=pathlib.Path, default=HERE / "faults.toml")
    arguments.add_argument("--json", type=pathlib.Path)
    arguments.add_argument("--reports", type=pathlib.Path)
    options = arguments.parse_args()
    rows = table.read(options.faults)
    wrong = list(table.all_wrong(rows, table.known_causes()))
    if wrong:
        raise SystemExit("\n".join(wrong))
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        work.chmod(0o755)
        shutil.copy(HERE / "torch_oracle.py", work)
        harness = Harness(options, work)
        answers = harness.machine.answers
        if answers.get("context") != 0:
            print(f"faults: no GPU here that works ({answers}), so nothing was tried", file=sys.stderr)
            return 2
        print(f"GPU of {answers.get('cc')}, driver {harness.machine.driver}, environment {harness.machine.env}")
        harness.warm_up()
        trials = []
        for row in rows:
            if options.only in row["id"]:
                trials.append(harness.try_row(row))
                print(trials[-1].line(), flush=True)
                if options.reports and trials[-1].cufit:
                    options.reports.mkdir(parents=True, exist_ok=True)
                    (options.reports / f"{row['id']}.json").write_text(trials[-1].cufit["out"])
                    (options.reports / f"{row['id']}.txt").write_text(trials[-1].checked)
    missed = summary(trials)
    if options.json:
        options.json.write_text(json.dumps([t.as_json() for t in trials], indent=1) + "\n")
    return 1 if missed or not any(not t.not_tried for t in trials) else 0


if __name__ == "__main__":
    sys.exit(main())
