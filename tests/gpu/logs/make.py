#!/usr/bin/env python3
"""Makes the logs of logs.toml on this machine: make.py OUT.jsonl [--env FOLDER] [--only REGEX]

Each is the complete output of a real program, with a fault put in by a private mount namespace (../faults) or by variables, so the cause is known. The
GPU's settings are never touched. Paths of the machine are replaced by neutral ones. What did not fail as it should is told and left out.
"""
import argparse
import glob
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "faults"))
import namespace  # noqa: E402
import table  # noqa: E402
from machine import Machine, NotPossible, environment_here  # noqa: E402
from scene import Scene  # noqa: E402

try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib

LIMIT = 150  # seconds for one program


def library(folder, name, source="", *flags):
    (folder / "x.c").write_text(source)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(folder / name), str(folder / "x.c"), f"-Wl,-soname,{name}", *flags], check=True)


def tools(folder, without):
    """A folder of links to all programs but some."""
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        if not os.path.isdir(place):
            continue
        for name in os.listdir(place):
            if not any(re.fullmatch(w, name) for w in without) and not (folder / name).exists():
                (folder / name).symlink_to(os.path.join(place, name))
    return str(folder)


def environment_bin(env):
    """The first folder of the PATH: its python is one of an environment only where it lies."""
    return env["PATH"].split(":")[0] + ":"


def no_toolkit(folder, env):
    env["PATH"] = environment_bin(env) + tools(folder / "bin", [r"nvcc.*"])
    env.pop("CUDA_HOME", None)
    env.pop("CUDA_PATH", None)
    return [path for path in glob.glob("/usr/local/cuda*") if not os.path.islink(path)]


def no_compiler(folder, env):
    env["PATH"] = environment_bin(env) + tools(folder / "bin", [r".*gcc.*", r".*g\+\+.*", r".*clang.*", r"cc", r"c\+\+", r"c89.*", r"c99.*"])
    env.pop("CC", None)
    env["TRITON_CACHE_DIR"] = str(folder / "triton")
    env["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "inductor")


def empty_nccl(folder, env):
    library(folder, "libnccl.so.2")
    env["LD_PRELOAD"] = str(folder / "libnccl.so.2")


def empty_nvjitlink(folder, env):
    library(folder, "libnvJitLink.so.13")
    env["LD_PRELOAD"] = str(folder / "libnvJitLink.so.13")


def needs_new_glibc(folder, _):
    (folder / "map").write_text("GLIBC_2.99 { global: brand_new; local: *; };\n")
    library(folder, "libc.so.6", "int brand_new(void) { return 1; }", f"-Wl,--version-script={folder / 'map'}", "-nostdlib")
    (folder / "y.c").write_text("int brand_new(void); int f(void) { return brand_new(); }")
    subprocess.run(["cc", "-shared", "-fPIC", "-nostdlib", "-o", str(folder / "libneedsnew.so"), str(folder / "y.c"), str(folder / "libc.so.6")], check=True)
    (folder / "libc.so.6").unlink()


def other_abi(folder, _):
    library(folder, "libotherabi.so", "void _ZN3c104cuda20ExchangeDeviceOfOldEab(void); void f(void) { _ZN3c104cuda20ExchangeDeviceOfOldEab(); }", "-Wl,-z,now")


def no_interface(_, env):
    env.update(NCCL_SOCKET_IFNAME="eth9", NCCL_DEBUG="WARN")


def nccl_info(_, env):
    env.update(NCCL_DEBUG="INFO")


PREPARED = {"no-toolkit": no_toolkit, "no-compiler": no_compiler, "empty-nccl": empty_nccl,
            "empty-nvjitlink": empty_nvjitlink, "needs-new-glibc": needs_new_glibc, "other-abi": other_abi, "no-interface": no_interface, "nccl-info": nccl_info}


def shortened(text, most=40):
    """Of lines that differ in numbers alone the first ones: an assertion of every thread says nothing new."""
    kept, seen = [], {}
    for line in text.split("\n"):
        shape = re.sub(r"\d+", "0", line)
        seen[shape] = seen.get(shape, 0) + 1
        if seen[shape] <= most:
            kept.append(line)
    return "\n".join(kept)


def each_line(prefix):
    return lambda text: "".join(f"{prefix(n)}{line}\n" for n, line in enumerate(text.split("\n")[:-1]))


DRESS = {
    "": lambda text: text,
    "docker": each_line(lambda n: f"2026-12-01T09:14:{n % 60:02d}.{n * 7919 % 1000000:06d}123Z "),
    "kubectl": each_line(lambda n: "trainer-7d9c5b6f4-x2x9k trainer "),
    "compose": each_line(lambda n: "trainer-1  | "),
    "journal": each_line(lambda n: f"Dec 01 09:14:{n % 60:02d} node7 train.sh[4242]: "),
    "slurm": each_line(lambda n: "0: "),
    "timestamps": each_line(lambda n: f"[2026-12-01 09:14:{n % 60:02d},{n % 1000:03d}] "),
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "ansi": lambda text: re.sub(r"(?m)(Error|CUDA error|Assertion)", "\x1b[1m\x1b[31m\\1\x1b[0m", text),
    "utf16": lambda text: text,  # as UTF-16 the reader gets it: see "encoding"
}


def run(command, env, folder, mounts):
    """What a program prints, in a namespace of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if mounts:
                namespace.enter()
                for put in mounts:
                    put()
            try:
                done = subprocess.run(command, shell=True, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
                said = [done.returncode, done.stdout.decode("utf-8", "surrogateescape")]
            except subprocess.TimeoutExpired as late:
                said = [124, (late.stdout or b"").decode("utf-8", "surrogateescape")]
        except BaseException as error:
            said = [-1, f"harness: {type(error).__name__}: {error}"]
        with os.fdopen(write, "w") as out:
            json.dump(said, out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as answers:
        text = answers.read()
    os.waitpid(child, 0)
    return json.loads(text)


class Maker:
    def __init__(self, work, environment):
        self.work = work
        self.machine = Machine(work, environment, None)
        self.env = environment
        self.faults = {row["id"]: row for row in table.read()}
        self.programs = work / "programs"
        shutil.copytree(HERE / "programs", self.programs)
        for target, flags in (("app", []), ("app-other", ["-gencode", "arch=compute_120,code=sm_120"]), ("app-shared", ["-cudart", "shared"])):
            subprocess.run(["nvcc", "-o", str(self.programs / target), str(self.programs / "app.cu"), *flags], check=False)

    def neutral(self, text, folder):
        for real, name in ((str(folder), "/workspace"), (str(self.programs), "/workspace"), (str(self.env), "/opt/venv"), (str(self.work), "/tmp/run"), (os.uname().nodename, "node7")):
            text = text.replace(real, name)
        return re.sub(r"GPU-[0-9a-f]{8}-[0-9a-f-]{27}", "GPU-00000000-1111-2222-3333-444444444444", text)

    def make(self, row):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        shutil.copytree(self.programs, folder, dirs_exist_ok=True)
        fault = self.faults[row["fault"]] if "fault" in row else {"id": "none", "steps": []}
        scene = Scene(fault, self.machine, folder)
        try:
            env = dict(scene.env)
            env["PATH"] = f"{self.env / 'bin'}:{env['PATH']}"
            env.update(HOME=str(self.work), PYTHONDONTWRITEBYTECODE="1", CUDA_CACHE_DISABLE="1")
            mounts = list(scene.mounts)
            for name in row.get("with", []):
                for hidden in PREPARED[name](folder, env) or []:
                    mounts.append(lambda hidden=hidden: namespace.tmpfs(hidden))
            code, text = run(row["run"], env, folder, mounts)
        finally:
            scene.end()
        text = DRESS[row.get("dress", "")](shortened(self.neutral(text, folder)))
        made = {"id": row["id"], "class": row["class"], "also": row.get("also", []), "run": row["run"], "fault": row.get("fault") or ", ".join(row.get("with", [])), "rc": code, "text": text}
        if row.get("dress") == "utf16":
            made["encoding"] = "utf-16"
        return made


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--env", type=pathlib.Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rows = tomllib.loads((HERE / "logs.toml").read_text())["log"]
    with tempfile.TemporaryDirectory() as work, options.out.open("w", encoding="utf-8") as out:
        maker = Maker(pathlib.Path(work), (options.env or environment_here()))
        for row in rows:
            if not re.search(options.only, row["id"]):
                continue
            try:
                made = maker.make(row)
            except (NotPossible, OSError, subprocess.SubprocessError) as error:
                print(f"{row['id']:28} not made: {error}", flush=True)
                continue
            out.write(json.dumps(made, ensure_ascii=True) + "\n")
            out.flush()
            last = made["text"].strip().splitlines()[-1][:110] if made["text"].strip() else ""
            print(f"{row['id']:28} rc {made['rc']:4}  {len(made['text']):7}  {last}", flush=True)


if __name__ == "__main__":
    main()
