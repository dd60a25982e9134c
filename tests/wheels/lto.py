"""LTO-IR asked what it is, by NVIDIA's nvJitLink: the payload is obfuscated, and only its linker reads it.

Each entry is given to nvJitLink in a container of its own, relabelled as the lowest target that the linker knows.
IR for a newer one is then refused with its true architecture named ("(90) in LTOIR arch newer than target arch"),
which must be the one in the entry header; IR for that target or an older one links to PTX
(without optimisation, a few milliseconds each).
"""

import ctypes
import mmap
import re
import struct
import zipfile
from collections import Counter

import cache
import census

VERSION = 1  # part of the cache key
FATBIN = 4  # nvJitLinkInputType
NEWER = re.compile(rb"\((\d+)\) in LTOIR arch newer than target arch")


class NvJitLink:
    def __init__(self):
        (row,) = cache.rows("nvjitlink")
        path = cache.TOOLS / row["member"].rsplit("/", 1)[-1]
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(cache.wheel_path(row)) as zf:
                path.write_bytes(zf.read(row["member"]))
        self.library, self.suffix, self.lowest = ctypes.CDLL(str(path)), row["symbols"], row["lowest"]

    def call(self, name, *args):
        return getattr(self.library, f"__nvJitLink{name}_{self.suffix}")(*args)

    def link(self, container):
        """(PTX, None) or (None, what the linker says)."""
        handle, size = ctypes.c_void_p(), ctypes.c_size_t()
        options = [f"-arch=sm_{self.lowest}".encode(), b"-lto", b"-ptx", b"-O0"]
        if status := self.call("Create", ctypes.byref(handle), len(options), (ctypes.c_char_p * len(options))(*options)):
            raise RuntimeError(f"nvJitLinkCreate: {status}")
        try:
            failed = self.call("AddData", handle, FATBIN, container, ctypes.c_size_t(len(container)), b"entry")
            failed = failed or self.call("Complete", handle)
            what = "ErrorLog" if failed else "LinkedPtx"
            self.call(f"Get{what}Size", handle, ctypes.byref(size))
            text = ctypes.create_string_buffer(size.value + 1)
            self.call(f"Get{what}", handle, text)
            return (None, text.value or b"status %d" % failed) if failed else (text.value, None)
        finally:
            self.call("Destroy", ctypes.byref(handle))


def relabelled(mm, pos, size, sm):
    """A container that holds one entry, as if it were plain code for `sm`."""
    entry = bytearray(mm[pos : pos + size])
    (flags,) = struct.unpack_from("<Q", entry, 40)
    struct.pack_into("<I", entry, 28, sm)
    struct.pack_into("<Q", entry, 40, flags & ~(census.ARCH_A | census.FAMILY_F))
    return census.CONTAINER + struct.pack("<Q", len(entry)) + bytes(entry)


def check(path):
    """{"named", "linked": counts of entries, "complaints"}"""
    linker, done, complaints = NvJitLink(), Counter(), []
    with open(path, "rb") as f:
        mm = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
    for _, entries in census.containers(mm):
        for kind, pos, header_size, payload in entries or ():
            if kind != 8:
                continue
            (sm,) = struct.unpack_from("<I", mm, pos + 28)
            ptx, said = linker.link(relabelled(mm, pos, header_size + payload, linker.lowest))
            newer = NEWER.search(said or b"")
            if newer and int(newer[1]) == sm:
                done["named"] += 1
            elif ptx and sm <= linker.lowest and b".target sm_" in ptx:
                done["linked"] += 1
            else:
                said = said.decode("latin-1").strip() if said else f"links for sm_{linker.lowest}"
                complaints.append(f"entry at {pos:#x} (lto {census.target(sm, '')}): {said}")
    return {"named": done["named"], "linked": done["linked"], "complaints": complaints}


def check_of(path, digest):
    return cache.cached(f"lto-{VERSION}", digest, lambda: check(path))
