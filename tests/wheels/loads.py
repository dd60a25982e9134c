"""Which libraries `import torch` and its uses load: cufit's loader against the real one, in real environments.

loads.json says what each environment is made of. Each is asked as it is, and with poison: libraries under the names of
CUDA's in LD_LIBRARY_PATH and LD_PRELOAD. Poison is made here or comes from other releases:

    stand-ins   the SONAME, symbols and versions of the real library, and no code: the import goes through
    empty       the SONAME and nothing else: the import fails, and what was opened until then counts
    other       the libraries of another release, from its wheel

The truth is a Python of the environment's version that imports torch: what LD_DEBUG=libs says of every name, and
/proc/self/maps at the end. What is opened only in a use (cuDNN's parts, NVRTC, linear algebra) is opened as its caller
would (loads_inside.py), because there is no GPU. Every path must be equal.

The binary that says what cufit thinks is `$CUFIT_LOADS` (default `build/ci/tests/wheel_loads`). Words on the command
line choose the environments whose name holds one of them. Exit status 1: a difference, or fewer than 98 % answered.

    loads.py [-v] [WORD...]
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cache
import environments
import installed

PROGRAM = os.environ.get("CUFIT_LOADS") or str(cache.HERE.parents[1] / "build" / "ci" / "tests" / "wheel_loads")
BUILT = cache.ROOT / "loads"
TIMEOUT_S = 600
# Names that are compared: CUDA's, and torch's own libraries.
COMPARED = re.compile(r"lib(cu|nv|nccl|torch|c10|shm|caffe2|gomp)")


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S, **more)


def interpreter(version):
    """A Python of this version: on PATH or of pyenv; the file itself, not a script that starts it."""
    homes = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for candidate in [shutil.which(f"python{version}"), *sorted(homes.glob(f"{version}.*/bin/python{version}"))]:
        if candidate:
            done = run([candidate, "-c", "import sys, _ctypes; print(sys.executable); print(_ctypes.__file__)"])
            lines = done.stdout.split()
            if done.returncode == 0 and len(lines) == 2:
                return os.path.realpath(lines[0]), lines[1]
    return None


def compile_c(source, target, *options):
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-shared", "-fPIC", *options, "-o", str(target), str(source)], check=True)
    return target


def soname_of(path):
    found = re.search(r"Library soname: \[(.*)\]", run(["readelf", "-dW", str(path)]).stdout)
    return found[1] if found else path.name


def symbols_of(path):
    """(name, version or None, is it data) of what a library defines."""
    for line in run(["readelf", "--dyn-syms", "-W", str(path)]).stdout.splitlines():
        fields = line.split()
        if len(fields) < 8 or fields[6] in ("UND", "ABS", "Ndx") or fields[4] not in ("GLOBAL", "WEAK"):
            continue
        name, _, version = fields[7].partition("@")
        if fields[3] in ("FUNC", "OBJECT", "IFUNC"):
            yield name, version.lstrip("@") or None, fields[3] == "OBJECT"


def stand_in(real, target):
    """A library with the SONAME, symbols and versions of the real one."""
    symbols, by_version = list(symbols_of(real)), {}
    lines = [".section .note.GNU-stack,\"\",@progbits"]
    for name, version, data in symbols:
        by_version.setdefault(version, []).append(name)
        lines += [".data" if data else ".text", f'.globl "{name}"', f'"{name}": .quad 0' if data else f'"{name}": ret']
    with tempfile.TemporaryDirectory() as folder:
        source, script = Path(folder) / "s.s", Path(folder) / "s.map"
        source.write_text("\n".join(lines) + "\n")
        # A version script has no way to write some names; what is opened by dlopen only needs no versions.
        nodes = [(v, names) for v, names in by_version.items() if v and re.fullmatch(r"[\w.]+", v)]
        script.write_text("\n".join(f"{v} {{ global: {' '.join(f'{chr(34)}{n}{chr(34)};' for n in names)} }};" for v, names in nodes))
        versions = [f"-Wl,--version-script={script}"] if nodes else []
        compile_c(source, target, "-nostdlib", f"-Wl,-soname,{soname_of(real)}", *versions)


def empty(real, target):
    with tempfile.NamedTemporaryFile("w", suffix=".c") as source:
        compile_c(source.name, target, "-nostdlib", f"-Wl,-soname,{soname_of(real)}")


def poison(spec, site, kind, make):
    """The folder of one kind of poison; made once."""
    folder = BUILT / spec["name"] / kind
    for item in spec["stand_ins"]:
        path, _, name = item.partition(":")
        target = folder / (name or Path(path).name)
        if not target.exists():
            make(site / path, target)
    return folder


def scenarios(spec, site, wheels):
    """[(name, variables)]"""
    yield "plain", {}
    stand_ins, empties = poison(spec, site, "stand-ins", stand_in), poison(spec, site, "empty", empty)
    yield "stand-ins", {"LD_LIBRARY_PATH": str(stand_ins)}
    yield "empty", {"LD_LIBRARY_PATH": str(empties)}
    for library in sorted(stand_ins.iterdir()):
        yield f"only {library.name}", {"LD_LIBRARY_PATH": str(alone(library))}
    first = sorted(stand_ins.iterdir())[0]
    yield f"preload {first.name}", {"LD_PRELOAD": str(first)}
    yield f"preload empty {first.name}", {"LD_PRELOAD": str(empties / first.name)}
    yield "preload all", {"LD_PRELOAD": ":".join(str(p) for p in sorted(stand_ins.iterdir()))}
    if spec.get("other"):
        folders = [lib for name in spec["other"] for lib in sorted(installed.install(wheels[name]).glob("nvidia/*/lib"))]
        yield "other release", {"LD_LIBRARY_PATH": ":".join(map(str, folders))}
        yield "other release behind stand-ins", {"LD_LIBRARY_PATH": ":".join(map(str, [stand_ins, *folders]))}


def alone(library):
    folder = library.parent.parent / "alone" / library.name
    if not (folder / library.name).exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, folder / library.name)
    return folder


def found_by_debug(text):
    """{name: real path or None} of the first search for each name, as LD_DEBUG=libs tells."""
    found, name, tried = {}, None, None

    def close():
        if name is not None:
            found.setdefault(name, os.path.realpath(tried) if tried and os.path.isfile(tried) else None)

    for line in text.splitlines():
        line = line.partition(":\t")[2]
        if line.startswith("find library="):
            close()
            name, tried = line[len("find library=") :].split(" [")[0], None
        elif line.strip().startswith("trying file="):
            tried = line.strip()[len("trying file=") :]
        elif line.startswith("calling init:"):
            close()
            name = None
    close()
    return found


def truth(spec, python, sites, variables, open_as, opens):
    with tempfile.TemporaryDirectory() as folder:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("LD_", "PYTHON", "VIRTUAL_ENV"))}
        clean |= variables | {"PYTHONPATH": ":".join(map(str, sites)), "LD_DEBUG": "libs", "PYTHONDONTWRITEBYTECODE": "1"}
        clean["LD_DEBUG_OUTPUT"] = folder + "/debug"
        command = [python, "-W", "ignore", str(cache.HERE / "loads_inside.py"), str(open_as), json.dumps(opens)]
        process = subprocess.Popen(command, env=clean, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = process.communicate(timeout=TIMEOUT_S)
        debug = Path(f"{folder}/debug.{process.pid}")
        names = found_by_debug(debug.read_text(errors="replace")) if debug.exists() else {}
    try:
        said = json.loads(out.splitlines()[-1])
    except (ValueError, IndexError):
        said = {"failed": {"import": err.strip()[-300:] or f"status {process.returncode}"}, "mapped": None}
    mapped = None if said["mapped"] is None else {os.path.realpath(p) for p in said["mapped"]}
    return names, mapped, said["failed"]


def cufit(spec, python, ctypes, sites, variables):
    command = [PROGRAM, "torch", spec["version"], spec["cuda"], python, ctypes]
    command += [f"{k}={v}" for k, v in variables.items()] + [str(s) for s in sites]
    done = run(command)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: status {done.returncode}; {done.stderr.strip()[:500]}")
    return json.loads(done.stdout)


def in_process(load):
    return load["real"] and load["found"] not in ("not-found", "unknown")


def compare(answer, names, mapped, failed, roots):
    """(paths that the loader took, of them answered, of them equal, lines that say what differs)"""
    taken = answered = equal = 0
    wrong = []
    mine = {}
    for load in answer["loads"]:
        mine.setdefault(load["name"], load["real"] if in_process(load) else None)
    for name, real in names.items():
        if not COMPARED.match(name) or (real is None and name not in mine):
            continue
        taken += 1
        load = next((x for x in answer["loads"] if x["name"] == name), None)
        by_file = real and any(x["real"] == real and in_process(x) for x in answer["loads"])
        if load is None and not by_file:
            wrong.append(f"{name}: not answered; the loader took {real}")
            continue
        if load and load["found"] == "unknown":
            wrong.append(f"{name}: unknown, {load['why']}; the loader took {real}")
            continue
        answered += 1
        if (load and mine[name] == real) or (load is None and by_file):
            equal += 1
        else:
            wrong.append(f"{name}: {mine[name]}; the loader took {real}")
    if mapped is None or "import" in failed:
        return taken, answered, equal, wrong
    files = {x["real"] for x in answer["loads"] if in_process(x)}

    def ours(path):
        return path.startswith(roots) and (COMPARED.match(os.path.basename(path)) or "/torch/_C." in path)

    unresolved = {name for name, why in failed.items() if "undefined symbol" in why or "no version" in why}
    for path in sorted(p for p in mapped if ours(p)):
        taken += 1
        answered += path in files
        equal += path in files
        if path not in files:
            wrong.append(f"mapped and not answered: {path}")
    for path in sorted(p for p in files - mapped if ours(p)):
        if not unresolved:
            wrong.append(f"answered and not mapped: {path}")
    return taken, answered, equal, wrong


def ask(spec, root, wheels, opens, verbose):
    python = interpreter(spec["python"])
    if not python:
        print(f"NOT RUN {spec['name']}: no Python {spec['python']} here")
        return None
    sites = [root / site["path"] for site in spec["sites"]]
    open_as = BUILT / "open_as.so"
    if not open_as.exists():
        compile_c(cache.HERE / "open_as.c", open_as)
    total, wrong = [0, 0, 0], []
    for name, variables in scenarios(spec, sites[-1], wheels):
        answer = cufit(spec, *python, sites, variables)
        names, mapped, failed = truth(spec, python[0], sites, variables, open_as, opens)
        *counts, differs = compare(answer, names, mapped, failed, (str(root), str(BUILT), str(cache.ROOT)))
        total = [a + b for a, b in zip(total, counts)]
        ended = "import" in failed
        if answer["ends"] and not ended:
            differs.append("cufit says that the import fails; it does not")
        twice = sorted(d["library"] for d in answer.get("duplicates", []))
        if name == "plain" and twice != sorted(spec.get("duplicates", [])):
            differs.append(f"duplicates: {answer.get('duplicates')}")
        wrong += [f"{name}: {line}" for line in differs]
        if verbose:
            why = failed.get("import", "")[:150]
            print(f"    {name}: {counts[0]} taken, {counts[1]} answered, {counts[2]} equal {'(import fails: ' + why + ')' if ended else ''}")
    print(f"{'FAILED' if wrong else 'ok'} {spec['name']}: {total[0]} taken, {total[1]} answered, {total[2]} equal", *wrong, sep="\n    ", flush=True)
    return total, bool(wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("only", nargs="*")
    options = parser.parse_args()
    data = json.loads((cache.HERE / "loads.json").read_text())
    wheels, results, unbuilt = installed.rows(), [], 0
    for spec in data["environments"]:
        if options.only and not any(word in spec["name"] for word in options.only):
            continue
        root = environments.build(spec, wheels)
        unbuilt += root is None
        result = ask(spec, root, wheels, data["opens"][spec["version"]], options.verbose) if root else None
        results += [result] if result else []
    taken, answered, equal = (sum(r[0][i] for r in results) for i in range(3))
    print(f"{len(results)} environments: {taken} paths, {answered} answered, {equal} equal")
    return 1 if unbuilt or any(r[1] for r in results) or not results or answered < 0.98 * taken else 0


if __name__ == "__main__":
    sys.exit(main())
