"""What NVIDIA's cuobjdump counts in a library: cubins and PTX per architecture.

The newest cuobjdump is asked first. It refuses a whole file for one entry of sm_30 to sm_37, and calls some files of
CUDA 12.1 invalid; those go to the older one, which reads them.

    oracle.py FILE...          prints the counts of files as JSON
"""

import json
import re
import subprocess
import sys
import zipfile
from collections import Counter

import cache

LISTED = re.compile(r"^(ELF|PTX) file +\d+: .*\.sm_(\d+)([af]?)\.(?:cubin|ptx)$")
TIMEOUT_S = 900  # a library of 1 GB takes under a minute; a cuobjdump that hangs must not hang the test


def tool(row):
    """Path of the cuobjdump that a row of wheels.json names, unpacked on first use."""
    path = cache.TOOLS / f"cuobjdump-{row['cuobjdump']}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(cache.wheel_path(row)) as zf:
            path.write_bytes(zf.read(row["member"]))
        path.chmod(0o755)
    return path


def ask(row, path):
    """{"tool", "counts": {"sass 9.0a": 3, ...}} or {"tool", "refused": its words}."""
    done = subprocess.run(
        [tool(row), "-lelf", "-lptx", "-all", path], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    said = (done.stdout + done.stderr).replace(str(path), path.name)
    if "does not contain device code" in said:
        return {"tool": row["cuobjdump"], "counts": {}}
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith("member ")]
    matches = [LISTED.match(line) for line in lines]
    if done.returncode != 0 or "fatal" in said or not all(matches):
        odd = [line for line, m in zip(lines, matches) if not m]
        return {"tool": row["cuobjdump"], "refused": (done.stderr.strip() or "\n".join(odd)).replace(str(path), path.name)[:300]}
    counts = Counter(
        f"{'sass' if m[1] == 'ELF' else 'ptx'} {int(m[2]) // 10}.{int(m[2]) % 10}{m[3]}" for m in matches
    )
    return {"tool": row["cuobjdump"], "counts": dict(counts)}


def oracle_of(path, digest):
    """Answers of the tools that were asked, the one to believe last."""
    answers = []
    for row in cache.rows("cuobjdump"):
        answer = cache.cached("oracle", f"{digest}-{row['cuobjdump']}", lambda row=row: ask(row, path))
        answers.append(answer)
        if "refused" not in answer:
            break
    return answers


if __name__ == "__main__":
    cache.require()
    for name in sys.argv[1:]:
        path = cache.Path(name)
        print(json.dumps({name: oracle_of(path, cache.sha256(path))}, indent=1))
