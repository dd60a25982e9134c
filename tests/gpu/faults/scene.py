"""A fault, ready to be put in: what the steps of a row say, with everything made that they need."""
import glob
import os
import pathlib
import pwd
import re
import shutil
import struct
import subprocess

import namespace
import package
from machine import NotPossible, compiled

ANOTHER_USER = 54321  # neither root nor nobody
CHARACTER_DEVICE = 0o020000


def unused_major():
    """A number for which no driver of this kernel answers: opening it gives ENXIO."""
    text = pathlib.Path("/proc/devices").read_text().split("Block")[0]
    used = {int(n) for n in re.findall(r"^\s*(\d+) ", text, re.M)}
    return max(set(range(240, 512)) - used)


# e_ident[EI_CLASS] and e_machine of elf.h: 32 bits of x86, 64 bits of IBM Z (which nobody has beside a GPU).
ODD_ELF = {"32": (1, 3), "s390": (2, 22)}


def elf_header(bits, processor):
    """The header of a shared object without segments (ELF specification, ELF header), in a page: the loader looks no
    further at one of another class or processor."""
    ident = b"\x7fELF" + bytes([bits, 1, 1]) + bytes(9)
    page = 4096
    if bits == 1:
        header = ident + struct.pack("<HHIIIIIHHHHHH", 3, processor, 1, 0, 0, 0, 0, 52, 32, 0, 40, 0, 0)
    else:
        header = ident + struct.pack("<HHIQQQIHHHHHH", 3, processor, 1, 0, 0, 0, 0, 64, 56, 0, 64, 0, 0)
    return header.ljust(page, b"\0")


def links_on_the_way(path):
    """The path and what it leads to, link by link."""
    while True:
        yield path
        if not os.path.islink(path):
            return
        path = os.path.join(os.path.dirname(path), os.readlink(path))


def check_open_to_all(path):
    """Every folder on the way may be entered by everybody."""
    for folder in (path, *path.parents):
        if not folder.stat().st_mode & 1:
            raise NotPossible(f"nobody may not enter {folder}")


class Scene:
    """`mounts` are done in the namespace, in their order; `env` and `user` are of cufit and of what checks the fault;
    `beside` runs meanwhile. `images`: the GPU code that was installed; `foreign`: files put before those of the
    environment, behind all links."""

    def __init__(self, row, machine, folder):
        self.machine, self.folder = machine, folder
        self.is_control = "expect" not in row
        self.mounts, self.beside, self.foreign = [], [], set()
        self.env = dict(os.environ)
        self.user = self.images = None
        for need in row.get("needs", []):
            why = machine.lacks(need)
            if why:
                raise NotPossible(why)
        try:
            for step in row["steps"]:
                getattr(self, f"do_{next(iter(step))}")({key: self.filled(value) for key, value in step.items()})
        except BaseException:
            self.end()
            raise

    def end(self):
        for process in self.beside:
            process.communicate()  # its input ends

    def new(self, name):
        """A path that is free."""
        path, number = self.folder / name, 1
        while path.exists():
            path, number = self.folder / f"{name}{number}", number + 1
        return path

    def new_folder(self, name):
        path = self.new(name)
        path.mkdir()
        return path

    # --- what values name ---

    def filled(self, value):
        return re.sub(r"\{(\w+)(?::([^}]*))?\}", lambda m: str(self.named(m[1], m[2])), value)

    def named(self, name, argument):
        machine = self.machine
        if name == "empty":
            return self.new_folder("empty")
        if name in ("stub", "text"):
            return self.folder_with_libcuda(name)
        if name == "foreign":
            return self.folder_with_empty(machine.numbered(argument))
        if name == "compat":
            return machine.compat()[0]
        if name == "library":
            return machine.found_library(argument)
        if name == "odd":
            return self.folder_with_odd_libcuda(argument)
        if name == "other":
            path, _ = machine.other(argument)
            self.foreign.add(os.path.realpath(path))
            return path
        if name == "others":
            return self.folder_of_others(*machine.other(argument))
        known = {"uuid": machine.answers.get("uuid"), "env": machine.env, "site": machine.site}[name]
        if not known:
            raise NotPossible(f"this machine has no {name}")
        return known[:int(argument)] if argument else known

    def folder_with_libcuda(self, kind):
        folder = self.new_folder("stubs" if kind == "stub" else "lib")
        library = folder / "libcuda.so.1"
        if kind == "stub":
            library.symlink_to(self.machine.stub())
        else:
            library.write_text("version https://git-lfs.github.com/spec/v1\n")
        return folder

    def folder_with_odd_libcuda(self, kind):
        """What the loader meets under the name libcuda.so.1 and cannot load: of another processor, or no file."""
        folder = self.new_folder("lib")
        library = folder / "libcuda.so.1"
        if kind == "folder":
            library.mkdir()
        elif kind == "loop":
            library.symlink_to(library.name)
        elif kind == "nothing":
            library.touch()
        else:
            library.write_bytes(elf_header(*ODD_ELF[kind]))
        return folder

    def folder_with_empty(self, name):
        folder = self.new_folder("lib")
        source = folder / "foreign.c"
        source.write_text("int of_nobody(void) { return 0; }\n")
        compiled(source, folder / name, "-shared", "-fPIC", f"-Wl,-soname,{name}")
        source.unlink()
        self.foreign.add(os.path.realpath(folder / name))
        return folder

    def folder_of_others(self, path, same):
        """The library and its parts (libcudnn_ops.so.9) by themselves, so that nothing else comes with them. Who is led
        to the same bytes elsewhere meets nothing foreign."""
        folder = self.new_folder("others")
        family = re.match(r"lib[A-Za-z]+", os.path.basename(path))[0]
        for file in glob.glob(os.path.join(os.path.dirname(path), family + "*.so.*")):
            (folder / os.path.basename(file)).symlink_to(os.path.realpath(file))
            if not same:
                self.foreign.add(os.path.realpath(file))
        return folder

    # --- steps ---

    def over(self, path, make):
        """What `make` gives, in the namespace, lies over the path."""
        if not os.path.exists(path):
            raise NotPossible(f"{path} is not there")
        self.mounts.append(lambda: namespace.bind(make(), path))

    def node(self, number, mode, owner):
        """A device of our own: a tmpfs takes devices where the folder of work may not."""
        place = self.new_folder("node")

        def make():
            namespace.tmpfs(place, "1m")
            os.mknod(place / "node", mode | CHARACTER_DEVICE, number)
            os.chown(place / "node", owner, owner)
            os.chmod(place / "node", mode)
            return place / "node"

        return make

    def do_bind(self, step):
        thing, path = step["bind"], step["over"]
        source = self.new(thing)
        if thing == "file":
            source.touch()
        elif thing == "null":
            source = "/dev/null"
        elif thing == "stub":
            source = self.machine.stub()
        elif thing == "cut" and os.path.exists(path):
            with open(path, "rb") as whole, source.open("wb") as half:
                shutil.copyfileobj(whole, half)
                half.truncate(os.path.getsize(path) // 2)
            shutil.copymode(path, source)
        self.over(path, self.node(os.makedev(unused_major(), 0), 0o666, 0) if thing == "dead" else lambda: source)

    def do_other_user(self, step):
        path = step["other_user"]
        number = os.stat(path).st_rdev if os.path.exists(path) else 0
        self.over(path, self.node(number, 0o600, ANOTHER_USER))

    def hide(self, folder, name):
        place = self.new_folder("original")
        self.mounts.append(lambda: namespace.private_copy(folder, place, without=name))

    def do_hide(self, step):
        folder, name = os.path.split(step["hide"])
        if not self.is_control and not glob.glob(step["hide"]):
            raise NotPossible(f"{step['hide']} is not there")
        self.hide(os.path.realpath(folder), name)

    def do_hide_library(self, step):
        """In the folders of the loader, and in those that links from there lead to."""
        name = step["hide_library"]
        found = [path for folder in self.machine.loader_folders() for path in glob.glob(os.path.join(folder, name))]
        folders = {os.path.realpath(os.path.dirname(p)) for path in found for p in links_on_the_way(path)}
        folders = [f for f in sorted(folders) if glob.glob(os.path.join(f, name))]
        if not folders:
            raise NotPossible(f"the loader finds no {name}")
        for folder in folders:
            self.hide(folder, name)

    def do_nodev(self, step):
        """The same node on a mount without devices: open gives EACCES, to root as well."""
        path = step["nodev"]
        if not os.path.exists(path):
            raise NotPossible(f"{path} is not there")
        self.mounts.append(lambda: namespace.without_devices(path))

    def do_tmpfs(self, step):
        self.mounts.append(lambda: namespace.tmpfs(step["tmpfs"], step["size"], "1777"))

    def do_set(self, step):
        self.env[step["set"]] = step["to"]

    def do_unset(self, step):
        self.env.pop(step["unset"], None)

    def do_first(self, step):
        old = self.env.get(step["in"])
        self.env[step["in"]] = step["first"] + (":" + old if old else "")

    def do_as(self, step):
        if os.getuid() != 0:
            raise NotPossible("only root starts programs as another user")
        self.user = pwd.getpwnam(step["as"])
        if self.machine.env:
            check_open_to_all(self.machine.env)

    def do_hold(self, _):
        process = subprocess.Popen([self.machine.oracle, "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   text=True)
        self.beside.append(process)
        if not any(line.startswith("held") for line in iter(process.stdout.readline, "")):
            raise NotPossible("the memory of the GPU could not be taken")

    def do_install(self, step):
        files, self.images = package.build(self.new_folder("package"), step["install"])
        place, site = self.new_folder("original"), os.path.realpath(self.machine.site)
        self.mounts.append(lambda: namespace.private_copy(site, place, more=files))
