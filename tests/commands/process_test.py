#!/usr/bin/env python3
"""process_test.py CUFIT: what only a real process shows: pipes, terminals, signals, completions, memory."""
import os
import pathlib
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

CUFIT = ""
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


def sparse_file(folder, size):
    """A file that takes a while to read and no space: the header of an ELF file without sections, then zeros."""
    path = pathlib.Path(folder) / "big.so"
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, 0, 0, 64, 56, 0, 64, 0, 0)
    with open(path, "wb") as file:
        file.write(header)
        file.truncate(size)
    return path


class Pipes(unittest.TestCase):
    def test_closed_pipe_is_success(self):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([CUFIT, "show", "209"], stdout=write, stderr=subprocess.PIPE)
        os.close(write)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_full_disk_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([CUFIT, "show", "209"], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"cufit: error: ", done.stderr)

    def test_no_progress_and_no_colour_without_a_terminal(self):
        done = subprocess.run([CUFIT, "check", EXAMPLES / "saxpy.fatbin", "--gpu", "h100"], capture_output=True)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stderr, b"")
        self.assertNotIn(b"\x1b", done.stdout)


class Terminal(unittest.TestCase):
    """Progress on a pseudo-terminal."""

    def start(self, *args):
        parent, child = pty.openpty()
        process = subprocess.Popen([CUFIT, *args], stdout=subprocess.DEVNULL, stderr=child, start_new_session=True)
        os.close(child)
        return process, parent

    @staticmethod
    def read_until(fd, needle, process):
        seen = b""
        while needle not in seen:
            ready, _, _ = select.select([fd], [], [], 0.1)
            if not ready:
                if process.poll() is not None:
                    break
                continue
            try:
                data = os.read(fd, 4096)
            except OSError:  # the other side has closed
                break
            if not data:
                break
            seen += data
        return seen

    def test_line_is_erased_at_ctrl_c(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [sparse_file(folder, 5_000_000_000)]
            process, terminal = self.start("inspect", *files)
            seen = self.read_until(terminal, b"read ", process)
            if b"read " not in seen:
                process.wait()
                self.skipTest("this machine reads 5 GB of nothing in under a second")
            process.send_signal(signal.SIGINT)
            seen += self.read_until(terminal, b"no such text", process)
            self.assertEqual(process.wait(), -signal.SIGINT)
            self.assertTrue(seen.endswith(b"\r\x1b[K"), seen[-80:])


class Shells(unittest.TestCase):
    def complete(self, shell, *args):
        if not shutil.which(shell):
            self.skipTest(f"{shell} is not installed")
        script = subprocess.run([CUFIT, "completion", shell], capture_output=True, text=True, check=True).stdout
        return script, args

    def check_syntax(self, shell):
        script, _ = self.complete(shell)
        done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_bash_syntax(self):
        self.check_syntax("bash")

    def test_zsh_syntax(self):
        self.check_syntax("zsh")

    def test_fish_syntax(self):
        self.check_syntax("fish")

    def bash_replies(self, *typed):
        script, _ = self.complete("bash")
        words = " ".join(f"'{w}'" for w in typed)
        probe = (f"compopt() {{ :; }}\n{script}\nCOMP_WORDS=(cufit {words}); COMP_CWORD={len(typed)}; _cufit\n"
                 'printf "%s\\n" "${COMPREPLY[@]}"\n')
        return subprocess.run(["bash", "-c", probe], capture_output=True, text=True, check=True).stdout.split()

    def test_bash_completes_commands_options_and_choices(self):
        self.assertEqual(self.bash_replies("ch"), ["check"])
        self.assertIn("--driver", self.bash_replies("check", "--d"))
        self.assertNotIn("--gpu", self.bash_replies("inspect", "--"))
        self.assertEqual(self.bash_replies("inspect", "--pass", ""), ["usual", "full"])
        self.assertEqual(self.bash_replies("completion", "z"), ["zsh"])


class Processes(unittest.TestCase):
    def test_one_without_cuda_is_nothing_to_judge(self):
        sleeper = subprocess.Popen(["sleep", "60"])
        try:
            done = subprocess.run([CUFIT, "check", "--pid", str(sleeper.pid)], capture_output=True, text=True)
        finally:
            sleeper.kill()
            sleeper.wait()
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("nothing to judge", done.stdout)


class Bounds(unittest.TestCase):
    def test_memory_stays_below_256_mib(self):
        with tempfile.TemporaryDirectory() as folder:
            big = sparse_file(folder, 5_000_000_000)
            files = [str(big)] + [str(p) for p in sorted(EXAMPLES.iterdir()) if p.suffix in (".so", ".fatbin")]
            pid = os.spawnv(os.P_NOWAIT, CUFIT, [CUFIT, "inspect", "-q", *files])
            _, status, usage = os.wait4(pid, 0)
            self.assertEqual(os.waitstatus_to_exitcode(status), 0)
            self.assertLess(usage.ru_maxrss, 256 * 1024)


if __name__ == "__main__":
    CUFIT = sys.argv.pop(1)
    unittest.main()
