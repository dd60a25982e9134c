"""The rows of faults.toml, and what is wrong with them."""
import pathlib

try:
    import tomllib
except ImportError:  # Python 3.9 and 3.10: pip carries its reader
    from pip._vendor import tomli as tomllib

HERE = pathlib.Path(__file__).resolve().parent
CAUSES = HERE.parents[2] / "data/causes.toml"

# The first key of a step, and what else the step has to say.
STEPS = {"bind": {"over"}, "hide": set(), "hide_library": set(), "other_user": set(), "tmpfs": {"size"}, "set": {"to"},
         "unset": set(), "nodev": set(), "first": {"in"}, "as": set(), "hold": set(), "install": set()}
THINGS = {"file", "null", "dead", "cut", "stub"}
BITES = {"init", "context", "jit", "nvml", "image", "shm", "torch", "mapped"}
NEEDS = {"torch", "compat<driver", "driver<13.5", "gpu!=8", "one gpu", "cublas 13"}
PLACEHOLDERS = {"empty", "stub", "text", "foreign", "compat", "uuid", "env", "site", "library", "other", "others", "odd"}
FIELDS = {"id", "steps", "needs", "bites", "harmless", "expect", "also", "exit", "why"}
CONTROL_FIELDS = {"id", "steps", "needs", "why"}


def read(path=HERE / "faults.toml"):
    """Every row, faults before controls; a control has no "expect"."""
    table = tomllib.loads(pathlib.Path(path).read_text())
    return table.get("fault", []) + table.get("control", [])


def known_causes(path=CAUSES):
    return {row["id"] for row in tomllib.loads(pathlib.Path(path).read_text())["cause"]}


def wrong_steps(row):
    for step in row.get("steps", []):
        kind = next(iter(step), None)
        if kind not in STEPS:
            yield f"no step is called {kind!r}"
        elif set(step) != STEPS[kind] | {kind}:
            yield f"{kind} takes {sorted(STEPS[kind])}, and has {sorted(set(step) - {kind})}"
        elif kind == "bind" and step["bind"] not in THINGS:
            yield f"no thing to bind is called {step['bind']!r}"
        elif kind == "as" and step["as"] != "nobody" or kind == "hold" and step["hold"] != "memory":
            yield f"{kind} cannot be {step[kind]!r}"
        elif kind == "install" and not installs(step["install"]):
            yield f"no code is called {step['install']!r}"
        for value in step.values():
            for name in placeholders(value):
                if name not in PLACEHOLDERS:
                    yield f"no placeholder is called {name!r}"


def placeholders(value):
    return [part.split("}")[0].split(":")[0] for part in value.split("{")[1:]]


def installs(code):
    """(PTX ISA or nothing, target as a number) of the code of a step "install"; nothing if it is none."""
    words = code.split()
    isa = words[1] if len(words) == 3 and words[0] == "ptx" else None
    target = words[-1] if words else ""
    plain = len(words) == 1 or isa is not None and isa.replace(".", "", 1).isdigit()
    return (isa, int(target[3:])) if plain and target[:3] == "sm_" and target[3:].isdigit() else None


def wrong(row, causes):
    """Everything that is wrong with a row, as sentences."""
    fault = "expect" in row
    fields = FIELDS if fault else CONTROL_FIELDS
    required = {"id", "steps", "why"} | ({"bites", "expect"} if fault else set())
    yield from (f"{name} is missing" for name in sorted(required - set(row)))
    yield from (f"{name} is no field of it" for name in sorted(set(row) - fields))
    yield from wrong_steps(row)
    yield from (f"no cause is called {name!r}" for name in row.get("expect", []) + row.get("also", [])
                if name not in causes)
    yield from (f"nothing is needed by the name of {name!r}" for name in row.get("needs", []) if name not in NEEDS)
    if fault and not row["expect"]:
        yield "it expects nothing"
    if row.get("bites", "init") not in BITES:
        yield f"no bite is called {row['bites']!r}"
    if not row.get("why", "").strip():
        yield "why is empty"


def all_wrong(rows, causes):
    for row in rows:
        for what in wrong(row, causes):
            yield f"{row.get('id', '?')}: {what}"
    ids = [row.get("id") for row in rows]
    yield from (f"{name}: an id twice" for name in sorted({str(i) for i in ids if ids.count(i) > 1}))
    if not any("expect" not in row for row in rows):
        yield "there is no control"
