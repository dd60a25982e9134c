"""Downloads the wheels and tools that wheels.json names into the cache; what is there and whole is kept.

pip checks each file against the digest in wheels.json. Words on the command line choose the wheels whose file name
holds one of them; the tools are always fetched.

    fetch.py [WORD...]
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import cache


def platform_tags(file):
    return file.removesuffix(".whl").rsplit("-", 1)[1].split(".")


def download(row):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirement:
        requirement.write(f"{row['package']}=={row['version']} --hash=sha256:{row['sha256']}\n")
        requirement.flush()
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-cache-dir", "--only-binary=:all:", "--require-hashes", "--python-version", row["python"]]
        for tag in platform_tags(row["file"]):
            command += ["--platform", tag]
        return subprocess.run(command + ["--dest", cache.DIST, "-r", requirement.name], check=False).returncode == 0


def whole(row):
    """In the cache with the right digest. The digest of a file is remembered by its size and time of change."""
    path = cache.wheel_path(row)
    if not path.exists():
        return False
    stat = path.stat()
    seen = cache.cached("digests", f"{row['file']}-{stat.st_size}-{stat.st_mtime_ns}", lambda: cache.sha256(path))
    return seen == row["sha256"]


def main(only):
    cache.DIST.mkdir(parents=True, exist_ok=True)
    failed = []
    for row in cache.needed(only):
        if whole(row):
            continue
        print("fetch", row["file"], flush=True)
        Path(cache.wheel_path(row)).unlink(missing_ok=True)
        if not download(row) or not whole(row):
            failed.append(row["file"])
    if failed:
        sys.exit("could not be fetched: " + ", ".join(failed))


if __name__ == "__main__":
    main(sys.argv[1:])
