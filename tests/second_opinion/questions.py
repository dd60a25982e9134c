"""The questions: every published build, boards of every chip, drivers at which the answer may turn; always the same ones."""

import random
import re
from collections import Counter, defaultdict

from rules import Question, chip_known, cuda, rows_of, toolkits_of, version

SEED = 20261125


def text(v):
    """(525, 60, 13) -> "525.60.13": the last field of a Linux version has two digits."""
    head = [str(v[0])] + [f"{x:02d}" for x in v[1:]]
    return ".".join(head)


def just_below(written):
    """The number before: 525.60.13 -> 525.60.12. That no such driver was released does not matter to a comparison."""
    fields = written.split(".")
    while len(fields) > 1 and int(fields[-1]) == 0:
        fields.pop()
    fields[-1] = str(int(fields[-1]) - 1).zfill(len(fields[-1]))
    return ".".join(fields)


def target_names(data):
    """Each row of the catalogue by the targets that mean it: its first and its last release."""
    names = {}
    for row in data.builds:
        local = f"+{row['local']}" if "local" in row else ""
        releases = {row["version_from"], row.get("version_to", row.get("newest_read", row["version_from"]))}
        for release in sorted(releases):
            name = f"{row['package']}=={release}{local}"
            names.setdefault(name, row)
        if row.get("is_default") and local:
            names.setdefault(f"{row['package']}=={row['version_from']}", row)
    return {n: r for n, r in names.items() if rows_of(data, n)}


def boards_by_chip(data):
    """Boards of every chip, of different segments first; the chip itself where no board has it."""
    boards = defaultdict(list)
    names = Counter(name.removeprefix("NVIDIA ") for gpu in data.gpus.values() for name in gpu["names"])
    for gpu in data.gpus.values():
        if all(names[name.removeprefix("NVIDIA ")] == 1 for name in gpu["names"]):  # others need a PCI id to be told
            boards[gpu["chip"]].append(gpu)
    chosen = {}
    for chip in data.chips:
        by_segment = {}
        for gpu in boards[chip]:
            by_segment.setdefault((gpu["segment"], gpu["forward_compat"]), gpu["id"])
        chosen[chip] = list(by_segment.values()) or [chip]
    return chosen


def hosts(data, row, gpu):
    """(platform, arch) pairs that the build is published for and the GPU occurs in."""
    tegra = data.is_tegra(gpu)
    arm_only = tegra or gpu == "gb10" or gpu.startswith(("gb200", "gb300", "gh200"))
    pairs = []
    for name in row["platforms"]:
        if name == "linux_x86_64" and not arm_only:
            pairs.append(("linux", "x86_64"))
        if name == "linux_aarch64" and (arm_only or data.cc(gpu) >= (7, 5)):
            pairs.append(("linux", "aarch64"))
        if name == "windows_amd64" and not arm_only:
            pairs.append(("windows", "x86_64"))
    return pairs


class Drivers:
    """Driver versions at and around the turning points."""

    def __init__(self, data):
        self.data = data
        self.rows = data.drivers

    def around_version(self, written):
        below = just_below(written)
        return [written] if below.startswith("-") else [written, below]

    def first_of(self, number):
        return next((r["first_version"] for r in self.rows if int(r["id"][1:]) >= number), None)

    def around_branch(self, number):
        """First driver from branch `number` on, last one before it."""
        out = []
        before = [r for r in self.rows if int(r["id"][1:]) < number]
        if before:
            out.append(before[-1]["last_known_version"])
        first = self.first_of(number)
        return out + ([first] if first else [])

    def of_chip(self, gpu):
        out = []
        for chip in self.data.windows_of(gpu):
            for key in ("not_before", "known_from"):
                if key in chip:
                    out += self.around_branch(int(chip[key].split(".")[0]))
            if "last_driver_branch" in chip:
                last = int(chip["last_driver_branch"][1:])
                out += self.around_branch(last + 1)
        return out

    def of_build(self, row):
        out = []
        for toolkit in toolkits_of(self.data, row)[:: max(1, len(toolkits_of(self.data, row)) - 1)]:
            known = self.data.toolkits[toolkit]
            for key in ("minor_compat_driver", "native_driver_ga"):
                if key in known:
                    out += self.around_version(known[key])
            out += self.around_branch(int(known["branch"][1:]))
        triton = self.data.tritons.get(row.get("triton"))
        if triton:
            for key in ("ptxas", "ptxas_blackwell"):
                if key in triton:
                    out += self.around_version(self.data.toolkits[cuda(triton[key])]["minor_compat_driver"])
        return out

    def on_windows(self, row):
        out = [r["last_known_windows_version"] for r in self.rows if "last_known_windows_version" in r]
        for toolkit in toolkits_of(self.data, row):
            known = self.data.toolkits[toolkit]
            for key in ("windows_minor_compat_driver", "windows_native_driver_ga"):
                if key in known:
                    out += self.around_version(known[key])
        return out


VARIABLES = [
    (("CUDA_FORCE_PTX_JIT", "1"),),
    (("CUDA_FORCE_JIT", "1"),),
    (("CUDA_DISABLE_PTX_JIT", "1"),),
    (("CUDA_DISABLE_JIT", "1"),),
    (("CUDA_DISABLE_JIT", "0"),),
    (("CUDA_DISABLE_PTX_JIT", "0"),),
    (("CUDA_FORCE_PTX_JIT", "1"), ("CUDA_DISABLE_PTX_JIT", "1")),
    (("CUDA_MODULE_LOADING", "EAGER"),),
    (("CUDA_VISIBLE_DEVICES", "0"),),
    (("CUDA_VISIBLE_DEVICES", ""),),
    (("CUDA_VISIBLE_DEVICES", "-1"),),
    (("CUDA_VISIBLE_DEVICES", "7"),),
    (("CUDA_VISIBLE_DEVICES", "0,0"),),
]


def all_questions(data, full=False):
    """In the order of builds; without repetition. full: every build on every chip, not on every second one."""
    rng = random.Random(SEED)
    drivers = Drivers(data)
    chips = boards_by_chip(data)
    names = target_names(data)
    asked = {}

    def ask(*args, **more):
        asked.setdefault(Question(*args, **more))

    every_driver = [r[k] for r in data.drivers for k in ("first_version", "last_known_version")]
    first_names = {id(row): name for name, row in reversed(names.items())}
    for name, row in names.items():
        # A handful of drivers for each build keeps the number of calls low: many GPUs share one.
        near_build = sorted(set(drivers.of_build(row)), key=version)
        shared = near_build + rng.sample(every_driver, 3)
        asked_chips = [c for c in chips if not c.startswith("GF")] + ["GF119"]  # Fermi is older than any build
        if first_names[id(row)] != name:
            asked_chips = rng.sample(asked_chips, 4)  # another name of a row
        elif not full:
            asked_chips = rng.sample(asked_chips, len(asked_chips) // 2)
        for chip in asked_chips:
            gpu = rng.choice(chips[chip])
            for platform, arch in hosts(data, row, gpu):
                if platform == "windows":
                    if rng.random() < 0.2:
                        ask(name, gpu, rng.choice(drivers.on_windows(row)), platform, arch)
                    continue
                if rng.random() < 0.1:
                    ask(name, gpu, None, platform, arch)
                    continue
                known = [d for d in shared if chip_known(data, gpu, version(d)) != {False}]
                ask(name, gpu, rng.choice(known or shared), platform, arch)
                near_chip = drivers.of_chip(gpu)
                if near_chip and rng.random() < 0.15:
                    ask(name, gpu, rng.choice(near_chip), platform, arch)
        if "linux_x86_64" in row["platforms"]:
            for _ in range(4):
                gpu = rng.choice(chips[rng.choice(list(chips))])
                if ("linux", "x86_64") in hosts(data, row, gpu):
                    ask(name, gpu, rng.choice(shared[-1:] + ["580.95.05"]), env=rng.choice(VARIABLES))
            for _ in range(3):
                gpu = rng.choice([g for g in rng.choice(list(chips.values())) if not data.is_tegra(g)] or ["l4"])
                package = rng.choice([c for c in data.compat if re.fullmatch(r"cuda-compat-[0-9]+-[0-9]+", c)])
                branches = [r["id"] for r in data.drivers if int(r["id"][1:]) >= 450]
                base = rng.choice(data.compat[package].get("compatible_base_branches", []) + [rng.choice(branches)])
                driver = next(r["last_known_version"] for r in data.drivers if r["id"] == base)
                if ("linux", "x86_64") in hosts(data, row, gpu):
                    ask(name, gpu, driver, compat=package)
    return list(asked)
