"""Installed distributions to environments: virtual environments, folders of `pip install --target`, conda prefixes,
root file systems, and the damage that real ones have.

Files are hard links to the installed ones. A later distribution replaces files of an earlier one, as pip does it.
A file is unlinked before it is changed: the installed one keeps its bytes.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path


def distributions(spec):
    """Names of all distributions in a recipe, in order, each once."""
    names = [name for site in spec.get("sites", []) for name in site["install"]]
    names += [package["from"] for package in spec.get("conda", []) if "from" in package]
    return list(dict.fromkeys(names))


def link(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if source.is_symlink():
        target.symlink_to(os.readlink(source))
        return
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def rewrite(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text, errors="surrogateescape")


def files_of(folder):
    return [p for p in sorted(folder.rglob("*")) if p.is_symlink() or p.is_file()]


def install(folder, site):
    """Into a folder of `pip install --target`, as it is; into a prefix, where programs lie in bin/ beside lib/."""
    in_prefix = site.parent.parent.name == "lib"
    for path in files_of(folder):
        inside = path.relative_to(folder)
        if in_prefix and inside.parts[0] == "bin":
            link(path, site.parents[2] / inside)
        elif in_prefix and inside.name == "RECORD" and path.parent.name.endswith(".dist-info"):
            rewrite(site / inside, path.read_text().replace("../../bin/", "../../../bin/"))
        else:
            link(path, site / inside)


def python(version):
    """A Python of this version, if the machine has one."""
    for name in (f"python{version}", sys.executable):
        found = shutil.which(name)
        if found and subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.startswith(
            f"Python {version}."
        ):
            return found
    return None


def make_venv(root, version):
    """A virtual environment; without a Python of that version, the same files by hand."""
    if found := python(version):
        subprocess.run([found, "-m", "venv", "--without-pip", str(root)], check=True)
        return
    (root / "bin").mkdir(parents=True)
    (root / "lib" / f"python{version}" / "site-packages").mkdir(parents=True)
    (root / "bin" / "python").symlink_to("python3")
    (root / "bin" / "python3").symlink_to(f"/usr/bin/python{version}")
    (root / "lib64").symlink_to("lib")
    (root / "pyvenv.cfg").write_text(
        f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {version}.0\n"
    )


def place(inside, moves):
    """Where a file of a wheel lies in a prefix; None: it is left out."""
    for start, to in moves.items():
        if inside.startswith(start):
            return to + inside[len(start) :] if to is not None else None
    return None


def conda_file(path, target, left_out):
    """One file of a package. A RECORD lists only what the package keeps."""
    if path.name == "RECORD" and path.parent.name.endswith(".dist-info"):
        lines = path.read_text().splitlines(keepends=True)
        rewrite(target, "".join(line for line in lines if not line.startswith(tuple(left_out))))
    else:
        link(path, target)


def conda_package(package, root, folders):
    """A package as conda installs it: its files in the prefix, and the record in conda-meta that lists them.

    The files come from a wheel: `moves` maps the start of their path in the wheel to that in the prefix; the first
    that fits counts, and null and what has no rule stay out. Names and builds of the records are those of conda-forge.
    """
    files = []
    folder = folders.get(package.get("from"))
    for path in files_of(folder) if folder else []:
        if to := place(str(path.relative_to(folder)), package["moves"]):
            conda_file(path, root / to, [start for start, to in package["moves"].items() if to is None])
            files.append(to)
    name = f"{package['name']}-{package['version']}-{package['build']}"
    record = {key: package[key] for key in ("name", "version", "build", "depends")}
    number = package["build"].rsplit("_", 1)[-1]
    record |= {"build_number": int(number) if number.isdigit() else 0, "subdir": "linux-64", "files": files}
    record |= {"channel": "https://conda.anaconda.org/conda-forge/linux-64", "fn": name + ".conda"}
    path = root / "conda-meta" / (name + ".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n")


def change(root, what, path, *arguments):
    """One piece of damage or of configuration. `path` is relative to the environment."""
    target = root / path
    if what == "truncate":  # an interrupted copy
        head = target.read_bytes()[: arguments[0]]
        target.unlink()
        target.write_bytes(head)
    elif what == "remove":
        shutil.rmtree(target) if target.is_dir() else target.unlink()
    elif what == "write":
        rewrite(target, arguments[0])
    elif what == "replace":  # text in a text file
        text = target.read_text()
        if arguments[0] not in text:
            sys.exit(f"{target}: no '{arguments[0]}'")
        rewrite(target, text.replace(*arguments))
    elif what == "rename":
        target.rename(root / arguments[0])
    elif what == "symlink":
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(arguments[0])
    else:
        sys.exit(f"environments.json: no change is called '{what}'")


def make(spec, root, folders):
    shutil.rmtree(root, ignore_errors=True)
    Path(root).mkdir(parents=True)
    if "venv" in spec:
        make_venv(root, spec["venv"])
    for site in spec.get("sites", []):
        for name in site["install"]:
            install(folders[name], root / site["path"])
    for package in spec.get("conda", []):
        conda_package(package, root, folders)
    for row in spec.get("changes", []):
        change(root, *row)
