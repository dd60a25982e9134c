"""Where the wheels, the tools and the cached results lie, and how files come out of a wheel.

Everything is below one directory, `$CUFIT_WHEEL_CACHE` (default `build/wheels` in the source tree):

    dist/      the wheels, as downloaded
    tools/     cuobjdump, unpacked from its wheels
    oracle/    what cuobjdump said, one JSON file per library and tool version
    census/    what census.py found, one JSON file per library
    unpacked/  files of one wheel at a time; emptied after use
"""

import contextlib
import hashlib
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = Path(os.environ.get("CUFIT_WHEEL_CACHE") or HERE.parents[1] / "build" / "wheels")
DIST, TOOLS = ROOT / "dist", ROOT / "tools"


def rows(kind, only=()):
    """Rows of wheels.json: kind is "wheels", "cuobjdump" or "nvjitlink"; `only` keeps files whose name holds one of the words."""
    all_rows = json.loads((HERE / "wheels.json").read_text())[kind]
    return [r for r in all_rows if not only or any(word in r["file"] for word in only)]


def needed(only=()):
    """The chosen wheels and all tools."""
    return rows("cuobjdump") + rows("nvjitlink") + rows("wheels", only)


def wheel_path(row):
    return DIST / row["file"]


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else _digest(f)


def _digest(f):  # Python before 3.11
    digest = hashlib.sha256()
    while block := f.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def write_json(path, value):
    """Write whole or not at all: an interrupted run leaves no half result in the cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")
    partial.replace(path)


def cached(folder, key, compute):
    """The JSON value stored under `folder`/`key`; computed and stored if it is not there."""
    path = ROOT / folder / (key + ".json")
    if path.exists():
        return json.loads(path.read_text())
    value = compute()
    write_json(path, value)
    return value


def can_hold_code(zf, info):
    """ELF files by their magic, and the formats that hold GPU code without ELF around them by their names."""
    if info.is_dir() or info.file_size < 16:
        return False
    if info.filename.endswith((".cubin", ".fatbin", ".ptx", ".a", ".o")):
        return True
    with zf.open(info) as f:
        return f.read(4) == b"\x7fELF"


@contextlib.contextmanager
def unpacked(row):
    """Files of a wheel that can hold GPU code, unpacked while the `with` block lasts: {name in the wheel: path}."""
    folder = ROOT / "unpacked" / row["file"]
    shutil.rmtree(folder, ignore_errors=True)
    files = {}
    try:
        with zipfile.ZipFile(wheel_path(row)) as zf:
            for info in zf.infolist():
                if not can_hold_code(zf, info):
                    continue
                path = folder / info.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                with zf.open(info) as src, open(path, "wb") as dst:
                    shutil.copyfileobj(src, dst, 1 << 20)
                files[info.filename] = path
        yield files
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def missing(only=()):
    """Names of wheels and tools that are not in the cache."""
    return [r["file"] for r in needed(only) if not wheel_path(r).exists()]


def require(only=()):
    if absent := missing(only):
        sys.exit(f"not in {DIST}: {', '.join(absent)}\nrun tests/wheels/fetch.py first")
