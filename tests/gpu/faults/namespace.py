"""A private mount namespace and what is mounted there, by the calls of the kernel (mount(2), unshare(2), mknod(2)):
Python 3.9 has none of them. Nothing that is done here is seen outside of the process and its children."""
import ctypes
import fnmatch
import os

NEWNS, NEWUSER = 0x00020000, 0x10000000
RDONLY, NODEV, REMOUNT, BIND, REC, PRIVATE = 1, 4, 32, 4096, 16384, 1 << 18
DETACH = 2

libc = ctypes.CDLL(None, use_errno=True)


def call(function, *arguments):
    if function(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fsdecode(b" ".join(a for a in arguments if isinstance(a, bytes))))


def mount(source, target, kind=None, flags=0, data=None):
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    call(libc.mount, *encoded, ctypes.c_ulong(flags), None if data is None else os.fsencode(data))


def enter():
    """Into a mount namespace of its own; into a user namespace as well where that needs it. True: as real root."""
    users = os.getuid(), os.getgid()
    real = True
    try:
        call(libc.unshare, NEWNS)
    except PermissionError:
        real = False
        call(libc.unshare, NEWNS | NEWUSER)
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {users[0]} 1"), ("gid_map", f"0 {users[1]} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    mount("none", "/", flags=REC | PRIVATE)
    return real


def bind(source, target):
    mount(source, target, flags=BIND | REC)


def without_devices(target):
    bind(target, target)
    mount("none", target, flags=REMOUNT | BIND | NODEV)


def tmpfs(target, size="64m", mode="755"):
    mount("tmpfs", target, "tmpfs", 0, f"size={size},mode={mode}")


def mirror(source, target):
    """A name that stands for the other one: links are links, everything else is bound over an empty one."""
    if os.path.islink(source):
        os.symlink(os.readlink(source), target)
        return
    if os.path.isdir(source):
        os.mkdir(target)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    bind(source, target)


def private_copy(folder, place, without="", more=()):
    """The folder without the names that match, and with `more`: {name: path}. What is in it are the same files, devices
    and mounts; nothing can be added, as libcuda does with nodes that it misses. `place`: an empty folder elsewhere."""
    bind(folder, place)
    tmpfs(folder)
    for name in os.listdir(place):
        if not fnmatch.fnmatchcase(name, without):
            mirror(os.path.join(place, name), os.path.join(folder, name))
    for name, path in dict(more).items():
        mirror(path, os.path.join(folder, name))
    mount("none", folder, flags=REMOUNT | BIND | RDONLY)
    call(libc.umount2, os.fsencode(place), DETACH)
