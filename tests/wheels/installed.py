"""Distributions, each installed once by pip into a folder of its own; environments are made of hard links to them.

    installed/NAME/        one wheel as `pip install --target` lays it out (NAME: the file name without .whl)
    installed/NAME.json    its digest; written last, so a folder without it is not whole

The wheel of a row of environments.json is removed once it is installed; the wheels of wheels.json stay.
"""

import json
import shutil
import subprocess
import sys

import cache
import fetch

INSTALLED = cache.ROOT / "installed"


def rows():
    """Every wheel that an environment can be made of: {"package version": row}."""
    own = json.loads((cache.HERE / "environments.json").read_text())["wheels"]
    kept = [r for kind in ("wheels", "cuobjdump", "nvjitlink") for r in cache.rows(kind)]
    return {f"{r['package']} {r['version']}": dict(r, is_kept=r in kept) for r in kept + own}


def folder(row):
    return INSTALLED / row["file"].removesuffix(".whl")


def is_whole(row):
    mark = folder(row).with_name(folder(row).name + ".json")
    return mark.exists() and json.loads(mark.read_text())["sha256"] == row["sha256"]


def pip_install(row):
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-index", "--no-compile", "--only-binary=:all:", "--root-user-action=ignore"]
    command += ["--ignore-requires-python", "--python-version", row["python"], "--target", str(folder(row))]
    for tag in fetch.platform_tags(row["file"]):
        command += ["--platform", tag]
    return subprocess.run(command + [str(cache.wheel_path(row))], check=False).returncode == 0


def install(row):
    """The folder of a wheel, fetched and installed if it is not there; None if that failed."""
    if is_whole(row):
        return folder(row)
    print("install", row["file"], flush=True)
    cache.DIST.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder(row), ignore_errors=True)
    if not fetch.whole(row) and not (fetch.download(row) and fetch.whole(row)):
        return None
    if not pip_install(row):
        return None
    cache.write_json(folder(row).with_name(folder(row).name + ".json"), {"sha256": row["sha256"]})
    if not row["is_kept"]:
        cache.wheel_path(row).unlink()
    return folder(row)
