"""A second oracle: every piece of GPU code in a file, found by brute force and checked against its own header.

The bytes are searched from the first to the last, at every offset and whatever the section: fatbin containers by
their eight-byte header and entries that tile them; between them bare cubins, zstd frames that unpack to cubins, and
PTX text. Nothing is taken from cufit's code.

Each entry is unpacked as far as its own header reaches, and that header must say what the entry says.

    census.py FILE...          prints the census of files as JSON
"""

import bisect
import json
import mmap
import struct
import sys
from collections import Counter, defaultdict
from pathlib import Path

import cache
import device_code as dc

VERSION = 2  # part of the cache key: raise it when the census finds or says more

CONTAINER = bytes.fromhex("50ed55ba01001000")  # magic, version 1, header size 16
KINDS = {1: "ptx", 2: "sass", 8: "lto"}
DEBUG, LZ4, ZSTD, LTO, ARCH_A, FAMILY_F = 0x2, 0x2000, 0x8000, 0x10000, 0x100000, 0x200000
USUAL = (".nv_fatbin", "__nv_relfatbin")
HEAD = 64  # bytes of an ELF header
PTX_HEAD = 8192  # the head of PTX may follow a long comment


def target(sm, suffix):
    return f"{sm // 10}.{sm % 10}{suffix}"


def archive_members(mm):
    """(offset, size) of each member of an ar archive."""
    at = 8
    while at + 60 <= len(mm) and mm[at + 58 : at + 60] == b"`\n":
        size = int(mm[at + 48 : at + 58])
        yield at + 60, size
        at += 60 + size + size % 2


class Sections:
    """Which section of an ELF file, or of an ELF member of an archive, an offset lies in; "" if in none."""

    def __init__(self, mm):
        self.starts, self.ends, self.names = [], [], []
        for base, size in archive_members(mm) if mm[:8] == b"!<arch>\n" else [(0, len(mm))]:
            self.read_table(mm, base, size)

    def read_table(self, mm, base, size):
        if mm[base : base + 6] != b"\x7fELF\x02\x01" or size < 64:
            return
        (table_at,) = struct.unpack_from("<Q", mm, base + 40)
        entsize, count, names_at = struct.unpack_from("<3H", mm, base + 58)
        if entsize != 64 or not table_at or table_at + 64 * count > size or names_at >= count:
            return
        rows = [struct.unpack_from("<IIQQQQ", mm, base + table_at + 64 * i) for i in range(count)]
        strings_at = base + rows[names_at][4]
        strings = mm[strings_at : strings_at + rows[names_at][5]]
        for name, kind, _, _, offset, length in sorted(rows, key=lambda r: r[4]):
            if kind not in (0, 8) and length:  # NULL and NOBITS have no bytes in the file
                self.starts.append(base + offset)
                self.ends.append(base + offset + length)
                self.names.append(strings[name : strings.find(b"\0", name)].decode("latin-1"))

    def at(self, offset):
        i = bisect.bisect_right(self.starts, offset) - 1
        return self.names[i] if i >= 0 and offset < self.ends[i] else ""


def entries_of(mm, at):
    """The entries of a container: (kind, header, payload offset, stored size); None if they do not tile it."""
    (size,) = struct.unpack_from("<Q", mm, at + 8)
    end = at + 16 + size
    if end > len(mm) or size > len(mm):
        return None
    found, pos = [], at + 16
    while pos < end:
        if pos + 64 > end:
            return None
        kind, _, header_size, payload = struct.unpack_from("<HHIQ", mm, pos)
        if header_size < 64 or header_size > 1 << 20 or pos + header_size + payload > end:
            return None
        found.append((kind, pos, header_size, payload))
        pos += header_size + payload
    return found if pos == end else None


def unpack(mm, flags, at, payload, compressed, whole, limit):
    """The first `limit` bytes of the code of an entry."""
    if not compressed:
        return mm[at : at + min(payload, limit)]
    data = mm[at : at + compressed]
    if flags & ZSTD:
        return dc.unzstd(data, min(limit, whole))
    if flags & LZ4:
        return dc.unlz4(data, min(limit, whole), whole)
    return None


def check_entry(mm, kind, pos, header_size, payload, thorough):
    """(key of an entry, complaint or None). `thorough`: unpack all of it where the suffix is not in its ELF header."""
    compressed, options_at, minor, major, sm = struct.unpack_from("<IIHHI", mm, pos + 16)
    (flags,) = struct.unpack_from("<Q", mm, pos + 40)
    (whole,) = struct.unpack_from("<Q", mm, pos + 56)
    name = KINDS.get(kind, f"kind-{kind}")
    suffix = "a" if flags & ARCH_A else "f" if flags & FAMILY_F else ""
    packing = "none" if not compressed else "zstd" if flags & ZSTD else "lz4" if flags & LZ4 else "unknown"
    key = {
        "kind": name,
        "target": target(sm, suffix),
        "isa": f"{major}.{minor}",
        "packing": "" if kind == 8 else packing,
        "debug": bool(flags & DEBUG),
    }
    at, where = pos + header_size, f"entry at {pos:#x} ({name} {key['target']})"
    if kind == 8:
        # Obfuscated before it is packed: nothing to read here, lto.py asks NVIDIA's linker.
        return key, None if flags & LTO else f"{where}: LTO-IR without its flag"
    if kind == 1:
        text = unpack(mm, flags, at, payload, compressed, whole, PTX_HEAD)
        own = dc.read_ptx(text) if text else None
        if own is None:
            return key, f"{where}: no head of PTX in it"
        if (own["sm"], own["suffix"], own["isa"]) != (sm, suffix, key["isa"]):
            return key, f"{where}: its text says sm_{own['sm']}{own['suffix']}, PTX {own['isa']}"
        return key, None
    if kind == 2:
        elf = unpack(mm, flags, at, payload, compressed, whole, HEAD)
        if not elf or not dc.is_cubin(elf):
            return key, f"{where}: no cubin in it"
        own = dc.read_cubin(elf)
        if own["suffix"] is None and thorough:
            own = dc.read_cubin(unpack(mm, flags, at, payload, compressed, whole, max(whole, payload)))
        if own["sm"] != sm:
            return key, f"{where}: its ELF header says sm_{own['sm']}"
        # A cubin does not tell `f` from plain but for the command line in a note, so only `a` is compared here.
        if own["suffix"] is not None and (own["suffix"] == "a") != (suffix == "a"):
            return key, f"{where}: its ELF file says suffix '{own['suffix']}'"
        if own.get("suffix") == "f" and suffix != "f":
            return key, f"{where}: the command line in its note says sm_{own['asked']}"
        return key, None
    return key, f"{where}: kind {kind} is not known"


def gaps(taken, end):
    """What lies between the taken intervals, which are sorted and apart."""
    at = 0
    for start, stop in taken:
        if start > at:
            yield at, start
        at = max(at, stop)
    if at < end:
        yield at, end


def find_all(mm, pattern, start, stop):
    at = mm.find(pattern, start, stop)
    while at >= 0:
        yield at
        at = mm.find(pattern, at + 1, stop)


def containers(mm):
    at = mm.find(CONTAINER)
    while at >= 0:
        entries = entries_of(mm, at) if at + 16 <= len(mm) else None
        yield at, entries
        step = 16 + struct.unpack_from("<Q", mm, at + 8)[0] if entries is not None else 1
        at = mm.find(CONTAINER, at + step)


def cubin_extent(mm, at):
    """Size of a bare cubin: the farthest of its tables and sections."""
    phoff, shoff = struct.unpack_from("<QQ", mm, at + 32)
    phsize, phnum, shsize, shnum = struct.unpack_from("<4H", mm, at + 54)
    end = max(64, phoff + phsize * phnum if phoff else 0, shoff + shsize * shnum if shoff else 0)
    if at + end > len(mm) or shsize != 64:
        return None
    for i in range(shnum):
        _, kind, _, _, offset, size = struct.unpack_from("<IIQQQQ", mm, at + shoff + 64 * i)
        if kind not in (0, 8):
            end = max(end, offset + size)
    return end if at + end <= len(mm) else None


def loose_code(mm, taken):
    """Code without a container around it: yields (offset, size, packing, kind, own words)."""
    for start, stop in gaps(taken, len(mm)):
        for at in find_all(mm, b"\x7fELF\x02\x01", start, stop):
            if at and dc.is_cubin(mm[at : at + 64]):
                size = cubin_extent(mm, at)
                if size:
                    yield at, size, "none", "sass", dc.read_cubin(mm[at : at + size])
        for at in find_all(mm, bytes.fromhex("28b52ffd"), start, stop):
            head = dc.unzstd(mm[at : at + (256 << 10)], HEAD)  # a block of zstd is at most 128 KiB
            if head and dc.is_cubin(head):
                whole = dc.zstd_content_size(mm[at : at + 32]) or 64 << 20
                frame = mm[at : at + whole + (256 << 10)]
                yield at, 0, "zstd", "sass", dc.read_cubin(dc.unzstd(frame, whole))
        for at in find_all(mm, b".version", start, stop):
            if own := dc.read_ptx(mm[at : at + 1200], anchored=True):
                yield at, 0, "none", "ptx", own


def census(path):
    with open(path, "rb") as f:
        if Path(path).stat().st_size < 64:
            return {"size": 0, "containers": {}, "images": {}, "loose": {}, "complaints": [], "rejected": []}
        mm = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
    sections = Sections(mm)
    taken, count, rejected, complaints = [], Counter(), [], []
    images, loose, checked = defaultdict(Counter), defaultdict(Counter), Counter()
    for at, entries in containers(mm):
        section = sections.at(at)
        if entries is None:
            rejected.append([at, section])
            continue
        taken.append((at, at + 16 + struct.unpack_from("<Q", mm, at + 8)[0]))
        count[section] += 1
        for entry in entries:
            key, complaint = check_entry(mm, *entry, thorough=section not in USUAL)
            images[section][json.dumps(key, sort_keys=True)] += 1
            checked[section] += complaint is None
            if complaint:
                complaints.append(f"{section or 'no section'}: {complaint}")
    if not (len(taken) == 0 and mm[18:20] == b"\xbe\x00"):  # a cubin as a file is no extra
        inside = 0
        for at, size, packing, kind, own in sorted(loose_code(mm, taken)):
            if at < inside:  # a bare cubin holds no other code
                continue
            inside = at + size
            key = {"kind": kind, "target": target(own["sm"], own["suffix"] or ""), "packing": packing}
            loose[sections.at(at)][json.dumps(key, sort_keys=True)] += 1

    def table(by_section):
        return {s: [dict(json.loads(k), count=n) for k, n in sorted(c.items())] for s, c in sorted(by_section.items())}

    return {
        "size": len(mm),
        "containers": dict(count),
        "images": table(images),
        "loose": table(loose),
        "checked": dict(checked),
        "complaints": complaints,
        "rejected": rejected,
    }


def census_of(path, digest):
    """The census of a file, from the cache if it was taken before."""
    return cache.cached(f"census-{VERSION}", digest, lambda: census(path))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(json.dumps({name: census(name)}, indent=1))
