"""A second implementation of the compatibility rules, over the same data files.

Written from the documents alone (README.md says which). Nothing here is shared with the program that it checks.

The idea: a fact that nobody knows makes several worlds possible. Every step returns the set of outcomes that are
possible; the answer is what all of them have in common, and "unknown" if some worlds run and others fail.
"""

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ENDLESS = (9999, 99)

# --- versions and targets -------------------------------------------------------------------------------------------


@cache
def version(text):
    """"525.60.13" -> (525, 60, 13). Versions compare field by field; a missing field is 0."""
    fields = [int(x) for x in text.split(".")]
    while fields and fields[-1] == 0:
        fields.pop()
    return tuple(fields)


@cache
def cuda(text):
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


@dataclass(frozen=True)
class Target:
    """Of code: 9.0a. Of a GPU: without suffix."""

    major: int
    minor: int
    suffix: str = ""

    @property
    def cc(self):
        return self.major, self.minor


@cache
def target(text):
    """"9.0a", "90a" or "100f"."""
    body, suffix = re.fullmatch(r"([0-9.]+)([af]?)", text).groups()
    if "." in body:
        major, minor = body.split(".")
    else:
        major, minor = body[:-1], body[-1]
    return Target(int(major), int(minor), suffix)


# SASS-2: the compute capabilities of Tegra. Their code and their GPUs go only with themselves.
TEGRA = {(3, 2), (5, 3), (6, 2), (7, 2), (8, 7), (10, 1), (11, 0)}

# --- data files -----------------------------------------------------------------------------------------------------


class Data:
    def __init__(self, folder):
        def rows(name, key):
            with open(Path(folder) / f"{name}.toml", "rb") as f:
                return tomllib.load(f)[key]

        self.chips = {r["id"]: r for r in rows("chips", "chip")}
        self.gpus = {r["id"]: r for r in rows("gpus", "gpu")}
        self.toolkits = {cuda(r["id"]): r for r in rows("toolkits", "toolkit")}
        self.drivers = sorted(rows("drivers", "driver"), key=lambda r: int(r["id"][1:]))
        self.branch_numbers = [int(r["id"][1:]) for r in self.drivers]
        self.compat = {r["id"]: r for r in rows("forward_compat", "forward_compat")}
        self.ptx_targets = {target(r["id"]): r for r in rows("ptx_targets", "ptx_target")}
        self.families = rows("ptx_targets", "family")
        self.builds = rows("builds_torch", "build") + rows("builds", "build")
        self.tritons = {r["id"]: r for r in rows("tritons", "triton")}
        self.legacy = {int(r["id"]): r["legacy_runtime_code"] for r in rows("errors", "error") if "legacy_runtime_code" in r}
        self.meant = {}  # rows that a target means, once looked up

    def isa(self, toolkit):
        return cuda(self.toolkits[toolkit]["ptx_isa"])

    def newest(self):
        return max(self.toolkits)

    # -- drivers

    def branch(self, driver):
        """The newest branch that is not newer than the driver."""
        place = bisect_right(self.branch_numbers, driver[0])
        return self.drivers[place - 1] if place else None

    def driver_cuda(self, driver, windows=False):
        """Driver CUDA as (lowest, highest) that is possible."""
        row = self.branch(driver)
        if row is None:
            return (0, 0), cuda(self.drivers[0]["cuda"])
        index = self.drivers.index(row)
        own = cuda(row["cuda"])
        later = [cuda(r["cuda"]) for r in self.drivers[index + 1 :] if cuda(r["cuda"]) > own]
        above = later[0] if later else ENDLESS
        if row.get("cuda_is_lower_bound"):
            return own, above
        number = int(row["id"][1:])
        last = row.get("last_known_windows_version")
        if driver[0] == number or (windows and last and driver <= version(last)):
            return own, own
        return own, above

    def floor(self, toolkit, windows=False):
        """Of the CUDA major (DRV-2), for majors before 11 of the release (DRV-3). None: none was read."""
        row = self.toolkits[toolkit]
        if toolkit[0] < 11:
            text = row.get("windows_native_driver_ga" if windows else "native_driver_ga")
        else:
            text = row.get("windows_minor_compat_driver" if windows else "minor_compat_driver")
        return version(text) if text else None

    # -- GPUs

    def windows_of(self, gpu):
        """(not_before, known_from, last branch number) of every chip that the board may have."""
        if gpu in self.gpus:
            row = self.gpus[gpu]
            ids = {row["chip"]} | {p["chip"] for p in row.get("chip_by_pci_id", [])}
        else:
            ids = {gpu}
        return [self.chips[i] for i in sorted(ids)]

    def cc(self, gpu):
        row = self.gpus.get(gpu) or self.chips[gpu]
        return target(row["cc"]).cc

    def is_tegra(self, gpu):
        return any(c.get("tegra") for c in self.windows_of(gpu))


# --- outcomes -------------------------------------------------------------------------------------------------------

FITS, LIMITED = ("fits",), ("limited",)
FIRST_CALL, FIRST_KERNEL = "first-cuda-call", "first-kernel"


def fail(code):
    return "unfit", code


def when(code):
    return FIRST_CALL if code in (10, 34, 35, 38, 100, 101, 803, 804) else FIRST_KERNEL


@dataclass
class Answer:
    verdict: str
    codes: set = field(default_factory=set)  # the codes that are possible, of `unfit`
    when: set = field(default_factory=set)
    least_driver: tuple | None = None  # no driver given: lowest with which the verdict holds
    before: int | None = None  # first branch that is too new for the GPU


def summary(outcomes):
    """What a set of possible outcomes has in common."""
    kinds = {o[0] for o in outcomes}
    if kinds == {"unfit"}:
        codes = {o[1] for o in outcomes}
        return Answer("unfit", codes, {when(c) for c in codes})
    if "unfit" in kinds:
        return Answer("unknown")
    if "limited" in kinds:
        return Answer("limited")
    return Answer("fits")


# --- rules ----------------------------------------------------------------------------------------------------------


def chip_known(data, gpu, driver):
    """DRV-5, DRV-6: {True}, {False} or both."""
    known = set()
    branch = data.branch(driver)
    number = int(branch["id"][1:]) if branch else driver[0]
    for chip in data.windows_of(gpu):
        if chip.get("tegra"):
            known.add(True)
            continue
        last = chip.get("last_driver_branch")
        if last and number > int(last[1:]):
            known.add(False)
        elif chip.get("older_than_drivers"):
            known.add(True)
        elif "known_from" in chip and driver >= version(chip["known_from"]):
            known.add(True)
        elif "not_before" in chip and driver < version(chip["not_before"]):
            known.add(False)
        else:
            known |= {True, False}
    return known


def sass_fits(data, code, cc):
    """SASS-1 to SASS-6: True, False, or None where nothing read says it."""
    if code.suffix == "a":
        return code.cc == cc
    if code.suffix == "f":
        for family in data.families:
            members = [target(m).cc for m in family["members"]]
            old = [target(m).cc for m in family.get("old_names", [])]
            if code.cc in members:
                return cc in members and cc >= code.cc
            if code.cc in old:
                return None if cc in members else False
        return False
    if cc in TEGRA or code.cc in TEGRA:
        if code.cc == (10, 1) and cc == (11, 0):
            return None  # PTX-5: renumbered; nothing says that the machine code runs
        return code.cc == cc
    return code.major == cc[0] and code.minor <= cc[1]


def ptx_fits(data, code, cc, jit):
    """PTX-1, PTX-3 to PTX-5: does a JIT of this CUDA version assemble the target for the GPU?"""
    if not code.suffix:
        return code.cc <= cc
    accepted = []
    for step in data.ptx_targets[code].get("accepted_for", []):
        if jit >= cuda(step["from"]):
            accepted = [target(g).cc for g in step["gpus"]]
    return cc in accepted


def jit_switches(env):
    """(forced, disabled), each the set of what is possible (JIT-2, JIT-3; which values act: the runs of
    tests/judge/gpu_truth_own.jsonl, where CUDA_DISABLE_JIT=0 changed nothing, 21 runs)."""

    def acts(newer, older):
        value = env.get(newer, env.get(older))
        number = re.match(r"\s*([+-]?[0-9]+)", value) if value is not None else None
        return {bool(number) and int(number[1]) & 0xFFFFFFFF == 1}

    return acts("CUDA_FORCE_PTX_JIT", "CUDA_FORCE_JIT"), acts("CUDA_DISABLE_PTX_JIT", "CUDA_DISABLE_JIT")


def visible_code(env):
    """RUN-8, for a machine with one GPU: the code with which CUDA_VISIBLE_DEVICES hides it, or None."""
    if "CUDA_VISIBLE_DEVICES" not in env:
        return None
    seen = []
    for entry in env["CUDA_VISIBLE_DEVICES"].split(","):
        number = re.match(r"\s*([+-]?[0-9]+)", entry)
        if not number:
            break
        index = int(number[1]) & 0xFFFFFFFF
        if index != 0:
            break
        if index in seen:
            return 101
        seen.append(index)
    return None if seen else 100


# --- images ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Image:
    kind: str  # sass | ptx
    target: Target
    isa: tuple = (0, 0)  # (lowest, highest) of PTX


@dataclass(frozen=True)
class Jit:
    """The JIT compiler of the driver and its switches, in one world."""

    cuda: tuple
    isa: tuple
    forced: bool = False
    disabled: bool = False


def module_outcomes(data, images, cc, jit, bare=False):
    """One module on one GPU: the set of outcomes. `bare`: PTX or a cubin that was handed to the driver alone."""
    out = set()
    if bare or not jit.forced:
        answers = [sass_fits(data, i.target, cc) for i in images if i.kind == "sass"]
        if True in answers:
            return {FITS}
        if None in answers:
            out.add(FITS)
    ptx = [i for i in images if i.kind == "ptx"]
    fitting = [i for i in ptx if ptx_fits(data, i.target, cc, jit.cuda)]
    if bare and ptx and not fitting:
        # RUN-3: the ISA is looked at first.
        fitting_isa = all(i.isa[1] <= jit.isa for i in ptx)
        return out | {fail(218) if fitting_isa else fail(222)}
    if not fitting:
        return out | {fail(209)}
    if jit.disabled:
        return out | {fail(223)}
    # PTX-6, RUN-4: the closest target, suffix before plain; of equal targets the first.
    best = max(fitting, key=lambda i: (i.target.cc, i.target.suffix == "a", i.target.suffix == "f"))
    if best.isa[0] <= jit.isa:
        out.add(LIMITED)
    if best.isa[1] > jit.isa:
        out.add(fail(222))
    return out


def could_be_made(data, toolkits, cc, kind):
    """Could a toolkit of these have made SASS (PTX) that fits the GPU?"""
    for toolkit in toolkits:
        row = data.toolkits[toolkit]
        for text in row.get(f"{kind}_targets", []):
            code = target(text)
            if kind == "sass" and sass_fits(data, code, cc) is not False:
                return True
            if kind == "ptx" and ptx_fits(data, code, cc, data.newest()):
                return True
    return False


def build_outcomes(data, row, toolkits, cc, jit, platform, arch):
    """All modules of a published build on one GPU."""
    if platform == "windows":
        suffix = "_windows"
    else:
        suffix = "_aarch64" if arch == "aarch64" else ""
    sass, ptx = row.get("sass" + suffix), row.get("ptx" + suffix)
    images_known = row["basis"] != "none" and (sass is not None or ptx is not None)
    ptx_known = images_known and row.get("ptx_is_known", False)
    images = [Image("sass", target(t)) for t in sass or []]
    for text in ptx or []:
        code = target(text)
        least = cuda(data.ptx_targets[code]["min_isa"]) if code in data.ptx_targets else (0, 0)
        # A toolkit that cannot write the target did not make the build, whichever of them the driver runs.
        writers = [t for t in toolkits if data.isa(t) >= least] or [t for t in toolkits_of(data, row) if data.isa(t) >= least]
        # A row can name the ISA of its PTX, where an older compiler wrote it.
        isas = [cuda(row["ptx_isa"])] if "ptx_isa" in row else [data.isa(t) for t in writers or toolkits]
        images.append(Image("ptx", code, (min(isas), max(isas))))
    out = module_outcomes(data, images, cc, jit)
    if out == {FITS}:
        return out
    if not images_known and not jit.forced and could_be_made(data, toolkits, cc, "sass"):
        out.add(FITS)
    if not ptx_known and LIMITED not in out and could_be_made(data, toolkits, cc, "ptx"):
        if jit.disabled:
            out.add(fail(223))
        else:
            isas = {data.isa(t) for t in toolkits}
            out |= {LIMITED for i in isas if i <= jit.isa} | {fail(222) for i in isas if i > jit.isa}
    return out


# --- the driver -----------------------------------------------------------------------------------------------------


def toolkits_of(data, row):
    """The toolkits that may have made a build; empty if not even the major is known."""
    if "cuda" in row:
        return [cuda(row["cuda"])]
    if "cuda_major" in row:
        return [t for t in sorted(data.toolkits) if t[0] == int(row["cuda_major"]) and data.toolkits[t].get("is_public", True)]
    return []


def floor_outcomes(data, toolkit, driver, driver_cuda, windows, strict=False):
    """DRV-1, DRV-2, DRV-3: {None} runs, {35}, or both. strict: what is open does not run."""
    low, high = driver_cuda
    row = data.toolkits[toolkit]
    native = row.get("windows_native_driver_ga" if windows else "native_driver_ga")
    floor = data.floor(toolkit, windows)
    if floor and driver >= floor:
        return {None}
    if low >= toolkit and (not native or driver >= version(native)):
        return {None}  # DRV-1: the driver of the release itself, below the floor of its major
    if low < toolkit <= high or low >= toolkit or (not floor and high[0] >= toolkit[0]):
        # Drivers of this branch disagree; or it is older than the first that NVIDIA names for its CUDA version.
        return {35} if strict else {None, 35}
    return {35}


def compat_outcomes(data, gpu, driver, package):
    """FC-1, FC-2, FC-6, FC-11: {None} works, 803, 804."""
    row = data.compat[package]
    branch = data.branch(driver)["id"]
    pairs = {None, 803}
    if "libraries_from_branch" in row and int(branch[1:]) > int(row["libraries_from_branch"][1:]):
        pairs = {803}
    elif branch in row.get("compatible_base_branches", []):
        pairs = {None}
    elif branch in row.get("incompatible_base_branches", []):
        pairs = {803}
    board = data.gpus.get(gpu, {})
    eligible = {"eligible": {None}, "not-eligible": {804}}.get(board.get("forward_compat"), {None, 804})
    if board.get("segment", "").startswith(("geforce", "titan")):
        eligible = {804}
    out = set()
    for p in pairs:
        out |= {p} if p else eligible
    return out


# --- the question ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    build: str  # as a user writes it: "torch==2.9.1+cu130"
    gpu: str  # id of a board or chip
    driver: str | None = None
    platform: str = "linux"
    arch: str = "x86_64"
    env: tuple = ()
    compat: str | None = None
    row: str | None = None  # only this row of those that the target may mean


def release(text):
    """PEP 440, as far as the catalogue goes: release fields, then post."""
    m = re.fullmatch(r"([0-9.]+?)(?:\.post([0-9]+))?", text)
    fields = [int(x) for x in m[1].split(".")]
    return fields, int(m[2] or 0)


def in_line(row, text):
    fields, post = release(text)

    def key(r):
        return r[0] + [0] * (6 - len(r[0])), r[1]

    if key((fields, post)) < key(release(row["version_from"])):
        return False
    if "version_to" not in row:
        return True
    last, last_post = release(row["version_to"])
    if key((fields, post)) <= key((last, last_post)):
        return True
    # "2.16" includes 2.16.2; "0.0.33" does not include 0.0.33.post1, which is another file.
    return len(fields) > len(last) and fields[: len(last)] == last and not last_post


def rows_of(data, build):
    """The rows that a target may mean. A name without local version means what the package index serves."""
    if build not in data.meant:
        name, text = build.split("==")
        text, _, local = text.partition("+")
        rows = [r for r in data.builds if r["package"] == name and in_line(r, text)]
        if local:
            rows = [r for r in rows if r.get("local") == local]
        else:
            rows = [r for r in rows if r.get("is_default")] or rows
        # Where a line of releases goes on into the next ("2.8.3" and "2.8.3.post1"), the one that begins later says more.
        newest = {}
        for r in rows:
            kind = r.get("label"), r.get("local"), r.get("cuda_major"), r["id"] if r.get("is_variant") else None
            if kind not in newest or in_line(newest[kind], r["version_from"]):
                newest[kind] = r
        data.meant[build] = [r for r in rows if r in newest.values()]
    return data.meant[build]


def use_limits(data, row, cc, driver, driver_cuda, windows, strict, x86_64=True):
    """Uses that fail although the build runs: cuDNN below its floor, code made at run time (DRV-10)."""
    if "cudnn_min_cc" in row and cc < target(row["cudnn_min_cc"]).cc:
        return True
    if "triton" not in row or windows or cc < (7, 0) or not x86_64:
        # No Triton for Windows, none for a GPU below 7.0, whatever the driver: not a use of this machine. Of
        # Triton's wheels only those for x86_64 were read (header of data/tritons.toml).
        return False
    triton = data.tritons.get(row["triton"])
    if not triton:
        return False
    ptxas = cuda(triton["ptxas"])
    if "ptxas_blackwell" in triton and cc >= target(triton["blackwell_from"]).cc:
        ptxas = cuda(triton["ptxas_blackwell"])
    if cc not in {target(t).cc for t in data.toolkits[ptxas]["sass_targets"]}:
        return True
    return floor_outcomes(data, ptxas, driver, driver_cuda, windows, strict) == {35}


def row_outcomes(data, row, q, driver, strict):
    """One row of the catalogue on one machine, in the order of section 16."""
    env = dict(q.env)
    windows = q.platform == "windows"
    cc = data.cc(q.gpu)
    out = set()
    user_driver, user_cuda = driver, data.driver_cuda(driver, windows)
    if q.compat:
        allowed = compat_outcomes(data, q.gpu, driver, q.compat)
        package = data.compat[q.compat]
        if 803 in allowed:
            out.add(fail(803))
        if allowed == {803}:
            return out
        user_cuda = (cuda(package["cuda"]),) * 2
        if "libraries_from_branch" in package:
            user_driver = (int(package["libraries_from_branch"][1:]), 9999)
    known = chip_known(data, q.gpu, driver)
    if False in known:
        out.add(fail(100))
    if True not in known:
        return out
    if q.compat:
        if 804 in allowed:
            out.add(fail(804))
        if None not in allowed:
            return out
        if chip_known(data, q.gpu, user_driver) == {False}:
            return out | {fail(100)}  # DRV-6 holds for the libraries of the package too
    hidden = visible_code(env)
    if hidden:
        return out | {fail(hidden)}
    toolkits = toolkits_of(data, row)
    floors = {}
    for toolkit in toolkits:
        floors[toolkit] = floor_outcomes(data, toolkit, user_driver, user_cuda, windows, strict)
    if any(35 in f for f in floors.values()):
        out.add(fail(35))
    possible = [t for t in toolkits if None in floors[t]]
    if toolkits and not possible:
        return out
    forced, disabled = jit_switches(env)
    low, high = user_cuda
    if strict:
        # Only a driver from the number that NVIDIA names for a CUDA version on is sure to have its JIT.
        key = "windows_native_driver_ga" if windows else "native_driver_ga"
        named = [t for t, r in data.toolkits.items() if t <= low and driver >= version(r.get(key, r["branch"][1:]))]
        low = high = max(named, default=(0, 0))
    for world in {(j, f, d) for j in (low, high) for f in forced for d in disabled}:
        jit_cuda, f, d = world
        jit_cuda = min(jit_cuda, data.newest())
        isas = [data.isa(t) for t in data.toolkits if t <= jit_cuda]
        jit = Jit(jit_cuda, max(isas) if isas else (0, 0), f, d)
        images = build_outcomes(data, row, possible, cc, jit, q.platform, q.arch)
        limited = q.compat or use_limits(data, row, cc, user_driver, user_cuda, windows, strict, q.arch == "x86_64")
        out |= {LIMITED if o == FITS and limited else o for o in images}
    return out


def as_printed(data, row, outcomes):
    """Programs of CUDA 10.0 and older print the runtime codes of their time (section 17)."""
    if "cuda" not in row or cuda(row["cuda"]) > (10, 0):
        return outcomes
    return {o if o[0] != "unfit" else fail(data.legacy.get(o[1], o[1])) for o in outcomes}


RANK = ["fits", "limited", "unknown", "unfit"]


def answer_at(data, q, driver, strict=False):
    """The rows that the target may mean, together. Of variants in one wheel the best decides: the one that is loaded
    is that of the PyTorch beside it, and a PyTorch that fits the machine is taken for granted (`assumed`)."""
    rows = [r for r in rows_of(data, q.build) if q.row in (None, r["id"])]
    each = [as_printed(data, row, row_outcomes(data, row, q, driver, strict)) for row in rows]
    if len(rows) > 1 and all(r.get("is_variant") for r in rows):
        answers = [summary(o) for o in each]
        best = min(answers, key=lambda a: RANK.index(a.verdict))
        if best.verdict != "unfit":
            return best
    return summary(set().union(*each))


def turning_points(data, windows):
    """Every driver version at which an answer can change."""
    points = {(1,)}
    for toolkit in data.toolkits:
        row = data.toolkits[toolkit]
        for name in ("native_driver_ga", "minor_compat_driver"):
            text = row.get(("windows_" if windows else "") + name)
            if text:
                points.add(version(text))
    for row in data.drivers:
        if not windows:
            points.add(version(row["first_version"]))
        points.add((int(row["id"][1:]),))
    for chip in data.chips.values():
        points |= {version(chip[k]) for k in ("not_before", "known_from") if k in chip}
    return sorted(points)


def judge(data, q):
    if not any(q.row in (None, r["id"]) for r in rows_of(data, q.build)):
        return Answer("no such row")
    if q.driver is not None:
        return answer_at(data, q, version(q.driver))
    return judge_without_driver(data, q)


def judge_without_driver(data, q):
    """The best verdict that some driver gives, and the lowest such driver."""
    windows = q.platform == "windows"
    answers = [(p, answer_at(data, q, p, strict=True)) for p in turning_points(data, windows)]
    best = min((a.verdict for _, a in answers), key=RANK.index)
    at_best = [(p, a) for p, a in answers if a.verdict == best]
    answer = Answer(best)
    if best == "unfit":
        for _, a in at_best:
            answer.codes |= a.codes
            answer.when |= a.when
    if best in ("fits", "limited"):
        if not data.is_tegra(q.gpu):
            answer.least_driver = at_best[0][0]
        lasts = [int(c["last_driver_branch"][1:]) for c in data.windows_of(q.gpu) if "last_driver_branch" in c]
        if lasts:
            answer.before = min(n for n in data.branch_numbers if n > max(lasts))
    return answer
