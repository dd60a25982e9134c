#!/usr/bin/env python3
"""The harness by itself, without a GPU: self_test.py CUFIT. Its table, each step in a namespace of its own with a tree
of files in the place of the machine's, the package that it installs, and what it takes for right and wrong."""
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

import namespace
import package
import run
import table
from machine import HERE, NotPossible, compiled
from scene import Scene

GOOD = {"id": "x", "steps": [{"set": "A", "to": "b"}], "bites": "init", "expect": ["shm-too-small"], "why": "w"}


class Table(unittest.TestCase):
    def test_every_row_is_right(self):
        self.assertEqual(list(table.all_wrong(table.read(), table.known_causes())), [])

    def test_wrong_rows_are_found(self):
        self.assertEqual(list(table.wrong(GOOD, table.known_causes())), [])
        for change in ({"expect": ["no-such-cause"]}, {"expect": []}, {"also": ["shm-too-smal"]}, {"needs": ["luck"]},
                       {"bites": "hard"}, {"why": " "}, {"surprise": 1}, {"steps": [{"explode": "x"}]},
                       {"steps": [{"set": "A"}]}, {"steps": [{"set": "A", "to": "b", "mode": "c"}]},
                       {"steps": [{"bind": "stone", "over": "/x"}]}, {"steps": [{"as": "root"}]},
                       {"steps": [{"hold": "breath"}]}, {"steps": [{"install": "sm_90a"}]},
                       {"steps": [{"install": "ptx x sm_50"}]}, {"steps": [{"hide": "{nowhere}/x"}]}, {"steps": [{}]}):
            with self.subTest(change):
                self.assertNotEqual(list(table.wrong({**GOOD, **change}, table.known_causes())), [])
        for missing in GOOD:
            with self.subTest(missing):
                row = {key: value for key, value in GOOD.items() if key != missing}
                self.assertNotEqual(list(table.wrong(row, table.known_causes())), [])

    def test_rows_are_compared_with_each_other(self):
        control = {key: GOOD[key] for key in ("steps", "why")}
        self.assertEqual(list(table.all_wrong([GOOD, {"id": "y", **control}], table.known_causes())), [])
        self.assertNotEqual(list(table.all_wrong([GOOD, {"id": "x", **control}], table.known_causes())), [])
        self.assertNotEqual(list(table.all_wrong([GOOD], table.known_causes())), [])

    def test_every_step_is_done_by_a_method(self):
        methods = {name for name in dir(Scene) if name.startswith("do_")}
        self.assertEqual({f"do_{kind}" for kind in table.STEPS}, methods)

    def test_every_kind_of_step_is_used(self):
        used = {next(iter(step)) for row in table.read() for step in row["steps"]}
        self.assertEqual(set(table.STEPS) - used, set())


class FakeMachine:
    """A tree of files in the place of the machine's."""

    oracle = python = None
    same = False
    answers = {"uuid": "GPU-1", "count": 1}

    def __init__(self, root):
        self.root, self.env, self.site = root, root / "env", root / "env/site"
        for name in ("dev/node", "dev/other", "dev/sub/inner", "lib/libx.so.1.2", "other/libx.so.2",
                     "env/site/torch.py"):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name * 10)
        (root / "lib/libx.so.1").symlink_to("libx.so.1.2")
        (root / "lib/liby.so.2").symlink_to("../other/libx.so.2")

    def loader_folders(self):
        return [str(self.root / "lib")]

    def found_library(self, _):
        return str(self.root / "lib/libx.so.1.2")

    def other(self, name):
        return str(self.root / "other" / name), self.same

    def numbered(self, name):
        return name

    def stub(self):
        return str(self.root / "other/libx.so.2")

    def compat(self):
        return str(self.root / "lib"), "1.0"

    def lacks(self, need):
        return "there is no torch" if need == "torch" else None


def mounts_work():
    child = os.fork()
    if child == 0:
        try:
            namespace.enter()
            os._exit(0)
        except OSError:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def makes_devices():
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.mknod(os.path.join(folder, "node"), stat.S_IFCHR, os.makedev(1, 3))
        except OSError:
            return False
    return True


class InPlace(unittest.TestCase):
    """Scenes on the tree of files, looked at by a shell."""

    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp())
        self.work.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.work)
        self.machine = FakeMachine(self.work / "root")
        self.root = self.machine.root

    def scene(self, *steps, **more):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.work))
        folder.chmod(0o755)
        filled = [{key: value.replace("ROOT", str(self.root)) for key, value in step.items()} for step in steps]
        scene = Scene({"id": "x", "steps": filled, "expect": ["x"], **more}, self.machine, folder)
        self.addCleanup(scene.end)
        return scene

    def said(self, scene, script):
        done, = run.inside(scene, [["sh", "-c", script]], self.root)
        return done["out"].strip()

    def everything(self):
        return {str(p): (p.lstat().st_mode, p.lstat().st_uid, p.is_file() and p.read_bytes())
                for p in self.root.rglob("*")}


@unittest.skipUnless(mounts_work(), "no private mount namespaces here")
class Mounts(InPlace):
    def setUp(self):
        super().setUp()
        before = self.everything()
        self.addCleanup(lambda: self.assertEqual(self.everything(), before, "something changed outside"))

    def test_a_file_lies_over_another(self):
        self.assertEqual(self.said(self.scene({"bind": "file", "over": "ROOT/dev/node"}), "wc -c < dev/node"), "0")
        null, stub = self.scene({"bind": "null", "over": "ROOT/dev/node"}), self.scene({"bind": "stub", "over": "{library:libcuda.so.1}"})
        self.assertEqual(self.said(null, "stat -c %t.%T dev/node"), "1.3")
        self.assertEqual(self.said(stub, "cat lib/libx.so.1"), "other/libx.so.2" * 10)

    @unittest.skipUnless(makes_devices(), "no devices can be made here")
    def test_a_node_on_a_mount_without_devices(self):
        os.mknod(self.root / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        self.addCleanup(os.unlink, self.root / "null")
        scene = self.scene({"nodev": "ROOT/null"})
        self.assertEqual(self.said(scene, "stat -c %t.%T null; LC_ALL=C cat null 2>&1 | grep -c denied"), "1.3\n1")

    def test_half_of_a_file(self):
        scene = self.scene({"bind": "cut", "over": "ROOT/dev/node"})
        self.assertEqual(self.said(scene, "cat dev/node"), "dev/node" * 5)

    def test_what_is_hidden_is_gone_and_the_rest_is_there(self):
        scene = self.scene({"hide": "ROOT/dev/no*"})
        self.assertEqual(self.said(scene, "ls dev; cat dev/sub/inner | head -c 13; touch dev/node || echo kept"),
                         "other\nsub\ndev/sub/innerkept")

    def test_two_in_one_folder(self):
        scene = self.scene({"hide": "ROOT/dev/node"}, {"hide": "ROOT/dev/other"})
        self.assertEqual(self.said(scene, "ls dev"), "sub")

    def test_a_library_is_hidden_where_links_lead(self):
        for name, left in (("libx.so.1", "lib:\nlibx.so.1.2\nliby.so.2\n\nother:\nlibx.so.2"),
                           ("libx.so*", "lib:\nliby.so.2\n\nother:\nlibx.so.2"), ("lib*", "lib:\n\nother:")):
            self.assertEqual(self.said(self.scene({"hide_library": name}), "ls lib other"), left)

    def test_a_small_file_system(self):
        scene = self.scene({"tmpfs": "ROOT/dev/sub", "size": "1m"})
        self.assertEqual(self.said(scene, "ls dev/sub; stat -f -c '%b %S' dev/sub | awk '{print $1 * $2}'"), "1048576")

    @unittest.skipUnless(makes_devices(), "no devices can be made here")
    def test_devices(self):
        dead = self.scene({"bind": "dead", "over": "ROOT/dev/node"})
        self.assertIn("No such device", self.said(dead, "LC_ALL=C cat dev/node 2>&1"))
        closed = self.scene({"other_user": "ROOT/dev/node"}, {"as": "nobody"})
        self.assertEqual(self.said(closed, "stat -c '%a %F' dev/node; id -un; LC_ALL=C cat dev/node 2>&1 | grep -c denied"),
                         "600 character special file\nnobody\n1")

    def test_a_package_lies_beside_the_others(self):
        scene = self.scene({"install": "ptx 9.5 sm_52"})
        names = "fault_extension\nfault_extension-1.0.dist-info\ntorch.py"
        self.assertEqual(self.said(scene, "LC_ALL=C ls env/site env/site/fault_extension"),
                         f"env/site:\n{names}\n\nenv/site/fault_extension:\n_C.abi3.so\n__init__.py")

    def test_what_cannot_be_done_is_told(self):
        scene = self.scene()
        scene.mounts.append(lambda: namespace.bind("/nothing", self.root / "dev"))
        with self.assertRaisesRegex(NotPossible, "No such file"):
            run.inside(scene, [["true"]], self.root)


class Variables(InPlace):
    def test_variables(self):
        scene = self.scene({"set": "FAULT", "to": "{uuid}"}, {"unset": "HOME"}, {"first": "{empty}", "in": "FAULTS"},
                           {"first": "/two", "in": "FAULTS"})
        said = self.said(scene, 'echo "$FAULT ${HOME-none} $FAULTS"').split()
        self.assertEqual(said[:2], ["GPU-1", "none"])
        self.assertEqual(said[2].split(":")[0], "/two")
        self.assertEqual(os.listdir(said[2].split(":")[1]), [])

    def test_folders_with_a_libcuda(self):
        scene = self.scene({"first": "{stub}", "in": "A"}, {"first": "{text}", "in": "B"},
                           {"first": "{foreign:libx.so.1}", "in": "C"})
        self.assertEqual(os.path.realpath(scene.env["A"] + "/libcuda.so.1"), self.machine.stub())
        self.assertEqual(pathlib.Path(scene.env["B"], "libcuda.so.1").read_text()[:7], "version")
        self.assertEqual(os.listdir(scene.env["C"]), ["libx.so.1"])
        self.assertEqual(pathlib.Path(scene.env["C"], "libx.so.1").read_bytes()[:4], b"\x7fELF")
        self.assertEqual(scene.foreign, {scene.env["C"] + "/libx.so.1"})

    def test_odd_files_in_the_place_of_libcuda(self):
        kinds = ("folder", "loop", "nothing", "32", "s390")
        scene = self.scene(*({"first": f"{{odd:{kind}}}", "in": kind} for kind in kinds))
        odd = {kind: pathlib.Path(scene.env[kind], "libcuda.so.1") for kind in kinds}
        self.assertTrue(odd["folder"].is_dir() and odd["loop"].is_symlink() and odd["nothing"].stat().st_size == 0)
        self.assertEqual([odd[kind].stat().st_size for kind in ("32", "s390")], [4096, 4096])
        self.assertEqual(odd["32"].read_bytes()[:6] + odd["s390"].read_bytes()[18:20], b"\x7fELF\1\1" + b"\x16\0")

    def test_the_beginning_of_a_uuid(self):
        self.assertEqual(self.scene({"set": "A", "to": "{uuid:3}"}).env["A"], "GPU")

    def test_others_are_by_themselves(self):
        scene = self.scene({"first": "{others:libx.so.2}", "in": "A"}, {"first": "{other:libx.so.2}", "in": "B"})
        self.assertEqual(os.listdir(scene.env["A"]), ["libx.so.2"])
        self.assertEqual(scene.foreign, {str(self.root / "other/libx.so.2")})
        self.machine.same = True
        self.assertEqual(self.scene({"first": "{others:libx.so.2}", "in": "A"}).foreign, set())

    def test_what_the_machine_lacks(self):
        for steps, more in (([], {"needs": ["torch"]}), ([{"hide": "ROOT/none"}], {}), ([{"hide_library": "libz*"}], {}),
                            ([{"bind": "file", "over": "ROOT/none"}], {})):
            with self.subTest(steps), self.assertRaises(NotPossible):
                self.scene(*steps, **more)


class Package(unittest.TestCase):
    def test_cufit_reads_the_code(self):
        for code, kind, said in (("sm_80", "sass", "8.0"), ("ptx 9.5 sm_52", "ptx", "9.5")):
            with self.subTest(code), tempfile.TemporaryDirectory() as folder:
                files, _ = package.build(pathlib.Path(folder), code)
                command = [sys.argv[1], "inspect", str(files["fault_extension"] / "_C.abi3.so"), "--json"]
                report = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
                shapes = report["subjects"][0]["members"][0]["shapes"]
                self.assertEqual([len(shape["images"]) for shape in shapes], [1])
                self.assertIn(kind, json.dumps(shapes))
                self.assertIn(said, json.dumps(shapes))


class Verdicts(unittest.TestCase):
    """What is taken for right."""

    FOREIGN = "/f/libx.so"

    def trial(self, causes=(), row=None, check="init 999", status=1, seconds=0.1, out=None, of="torch"):
        trial = run.Trial(GOOD if row is None else row)
        on = [{"subject": "s0", "gpu": "gpu0"}]
        findings = [{"cause": "host-oom", "severity": "info", "on": []}]
        findings += [{"cause": c, "severity": "warning", "on": on} for c in causes]
        scene = type("Scene", (), {"foreign": {self.FOREIGN}})
        report = {"subjects": [{"id": "s0", "name": of}], "findings": findings}
        out = json.dumps(report) if out is None else out
        trial.take({"exit": status, "out": out, "error": "", "seconds": seconds}, {"out": check}, scene)
        return trial

    def assert_right(self, trial, right):
        self.assertIsNone(trial.not_tried)
        self.assertEqual(not list(trial.wrong()), right, list(trial.wrong()))
        self.assertEqual("WRONG" in trial.line(), not right)

    def test_the_first_cause_counts(self):
        self.assert_right(self.trial(["shm-too-small"]), True)
        self.assert_right(self.trial(["shm-too-small", "host-oom"]), True)
        self.assertEqual(self.trial(["shm-too-small", "host-oom"]).besides(), ["host-oom"])
        self.assert_right(self.trial(["host-oom", "shm-too-small"]), False)
        self.assert_right(self.trial([]), False)

    def test_exit_and_time_count(self):
        self.assert_right(self.trial(["shm-too-small"], {**GOOD, "exit": 1}), True)
        self.assert_right(self.trial(["shm-too-small"], {**GOOD, "exit": 1}, status=0), False)
        self.assert_right(self.trial(["shm-too-small"], seconds=2.1), False)
        self.assert_right(self.trial(["shm-too-small"], status=2), False)
        self.assert_right(self.trial(["shm-too-small"], status=None), False)
        self.assert_right(self.trial(out=""), False)
        self.assert_right(self.trial(out="no JSON"), False)

    def test_what_does_not_bite_is_not_tried(self):
        self.assertIn("init 0", self.trial(["shm-too-small"], check="init 0").not_tried)
        harmless = {**GOOD, "bites": "mapped", "harmless": True}
        self.assert_right(self.trial([], harmless, check="torch ok\nmapped /g/libx.so"), True)
        self.assert_right(self.trial(["shm-too-small"], harmless, check="torch ok\nmapped /g/libx.so"), False)
        of_jax = self.trial(["shm-too-small"], harmless, check="torch ok\nmapped /g/libx.so", of="jax")
        self.assert_right(of_jax, True)
        self.assert_right(self.trial(["shm-too-small"], harmless, check=f"torch ok\nmapped {self.FOREIGN}"), True)
        self.assert_right(self.trial([], harmless, check=f"torch ok\nmapped {self.FOREIGN}"), False)

    def test_bites(self):
        for bites, check, is_in in (("init", "init -1", True), ("context", "init 0\ncount 1\ncontext 2", True),
                                    ("jit", "init 0\ncontext 0\njit 221", True), ("jit", "init 999", True),
                                    ("jit", "init 0\ncontext 0", True), ("jit", "init 0\ncontext 0\njit 0", False),
                                    ("image", "init 0\ncontext 0\nimage 209", True), ("nvml", "nvml 12", True),
                                    ("nvml", "nvml 0\nnvml-count 1", False), ("shm", "shm 1048576", True),
                                    ("shm", "shm 134217728", False), ("torch", "torch ok", False),
                                    ("torch", "torch libx.so: not found", True), ("torch", "", True)):
            with self.subTest(bites=bites, check=check):
                self.assertEqual(self.trial(["shm-too-small"], {**GOOD, "bites": bites}, check).bites, is_in)

    def test_a_control_names_nothing(self):
        control = {"id": "c", "steps": [], "why": "w"}
        self.assert_right(self.trial([], control, "init 0", 0), True)
        self.assert_right(self.trial(["host-oom"], control, "init 0", 0), False)
        self.assertIn("it bites: init 999", self.trial([], control, "init 999", 0).not_tried)


FAKE_DRIVER = """
#include <stdlib.h>
#include <string.h>
static int ok(void) { return 0; }
int cuInit(unsigned flags) {
  const char* visible = getenv("CUDA_VISIBLE_DEVICES");
  return (void)flags, visible && strcmp(visible, "0") ? 100 : 0;
}
int cuDeviceGetCount(int* count) { return *count = 1, 0; }
int cuDeviceGet(int* device, int n) { return *device = n, 0; }
int cuDevicePrimaryCtxRetain(void** context, int n) { return (void)context, (void)n, ok(); }
int cuCtxSetCurrent(void* context) { return (void)context, ok(); }
"""
FAKE_CUFIT = """#!/bin/sh
[ "$1" = doctor ] || exit 2
case "${CUDA_VISIBLE_DEVICES-0}" in
  0) echo '{"findings": []}' ;;
  99) echo '{"findings": [{"severity": "error", "cause": "host-oom"}]}'; exit 1 ;;
  *) echo '{"findings": [{"severity": "error", "cause": "cuda-visible-devices-bad"}]}'; exit 1 ;;
esac
"""


class Whole(unittest.TestCase):
    """A driver that knows one variable, and a cufit that is wrong about one value."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "driver.c").write_text(FAKE_DRIVER)
        compiled(self.folder / "driver.c", self.folder / "libcuda.so.1", "-shared", "-fPIC")
        (self.folder / "cufit").write_text(FAKE_CUFIT)

    def run_it(self, only, library_path):
        command = [sys.executable, "-B", str(HERE / "run.py"), "cufit", "--only", only, "--json", "out.json"]
        return subprocess.run(command, cwd=self.folder, env={**os.environ, "LD_LIBRARY_PATH": str(library_path)},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)

    def test_right_and_wrong(self):
        done = self.run_it("visible-", self.folder)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        rows = {row["id"]: row for row in json.loads((self.folder / "out.json").read_text())}
        self.assertEqual([name for name, row in rows.items() if row.get("wrong")], ["visible-too-high"], done.stdout)
        self.assertEqual(rows["visible-empty"]["seen"], "init 100")
        self.assertIn("visible-too-high: first is host-oom", done.stdout)
        self.assertEqual(self.run_it("visible-empty", self.folder).returncode, 0)

    def test_nothing_tried_is_no_success(self):
        done = self.run_it("gpu-null", self.folder)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("not tried", done.stdout)

    def test_what_is_broken_before_is_no_fault(self):
        done = self.run_it("jit-disabled", self.folder)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("so it is before, too: jit -2", done.stdout)

    def test_no_gpu(self):
        done = self.run_it("visible-", self.folder / "none")
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
