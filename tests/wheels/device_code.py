"""What a piece of GPU code says about itself: the ELF header and notes of a cubin, the first lines of PTX.

Independent of cufit: own code, written from the same public facts. Compressed code is unpacked with the system's
libzstd and liblz4 through ctypes, so that Python's standard library is enough.
"""

import ctypes
import ctypes.util
import re
import struct
import sys

EM_CUDA = 190
SHT_NV_COMPAT = 0x70000086
COMPAT_ARCH_SPECIFIC = 9  # attribute of .nv.compat; value 1 for `a` targets (CUDA 13)


def _library(name, package):
    path = ctypes.util.find_library(name)
    if path is None:
        sys.exit(f"lib{name} is not installed (Debian: {package}): compressed GPU code could not be checked")
    return ctypes.CDLL(path)


_zstd = _library("zstd", "libzstd1")
_lz4 = _library("lz4", "liblz4-1")


class _Buffer(ctypes.Structure):  # ZSTD_inBuffer and ZSTD_outBuffer
    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t), ("pos", ctypes.c_size_t)]


_zstd.ZSTD_createDStream.restype = ctypes.c_void_p
_zstd.ZSTD_initDStream.argtypes = [ctypes.c_void_p]
_zstd.ZSTD_initDStream.restype = ctypes.c_size_t
_zstd.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Buffer), ctypes.POINTER(_Buffer)]
_zstd.ZSTD_decompressStream.restype = ctypes.c_size_t
_zstd.ZSTD_isError.argtypes = [ctypes.c_size_t]
_zstd.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
_zstd.ZSTD_getFrameContentSize.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
_stream = _zstd.ZSTD_createDStream()


def unzstd(data, limit):
    """The first `limit` bytes of a zstd frame (fewer if it is shorter), or None if it is not one."""
    out = ctypes.create_string_buffer(limit)
    source = _Buffer(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data), 0)
    sink = _Buffer(ctypes.cast(out, ctypes.c_void_p), limit, 0)
    _zstd.ZSTD_initDStream(_stream)
    while sink.pos < sink.size:
        before = (source.pos, sink.pos)
        rest = _zstd.ZSTD_decompressStream(_stream, ctypes.byref(sink), ctypes.byref(source))
        if _zstd.ZSTD_isError(rest):
            return None if sink.pos == 0 else out.raw[: sink.pos]
        if rest == 0 or before == (source.pos, sink.pos):
            break
    return out.raw[: sink.pos]


def zstd_content_size(data):
    """Size that the frame header promises, or None."""
    size = _zstd.ZSTD_getFrameContentSize(data, len(data))
    return size if size < 1 << 63 else None


def unlz4(data, limit, whole):
    """The first `limit` bytes of an LZ4 block of `whole` bytes, or None if it is broken."""
    out = ctypes.create_string_buffer(limit)
    if limit >= whole:
        n = _lz4.LZ4_decompress_safe(data, out, len(data), limit)
    else:
        n = _lz4.LZ4_decompress_safe_partial(data, out, len(data), limit, limit)
    return out.raw[:n] if n > 0 else None


def cubin_sections(elf):
    """(type, name, content) of each section of a whole cubin; nothing if the table is cut off."""
    (shoff,) = struct.unpack_from("<Q", elf, 40)
    entsize, count, names_at = struct.unpack_from("<3H", elf, 58)
    if entsize != 64 or shoff + 64 * count > len(elf) or names_at >= count:
        return
    table = [struct.unpack_from("<IIQQQQ", elf, shoff + 64 * i) for i in range(count)]
    names = elf[table[names_at][4] : table[names_at][4] + table[names_at][5]]
    for name, kind, _, _, offset, size in table:
        yield kind, names[name : names.find(b"\0", name)].decode("latin-1"), elf[offset : offset + size]


def is_cubin(head):
    return head[:6] == b"\x7fELF\x02\x01" and len(head) >= 64 and struct.unpack_from("<H", head, 18)[0] == EM_CUDA


def compat_says_a(content):
    """.nv.compat is a stream of records of four bytes: format, attribute, u16. Format 4 has as many bytes more as the
    u16 says; in formats 2 and 3 the u16 is the value. Is attribute 9 there with value 1?"""
    at = 0
    while at + 4 <= len(content):
        form, attribute, value = struct.unpack_from("<BBH", content, at)
        if attribute == COMPAT_ARCH_SPECIFIC and form in (2, 3):
            return value == 1
        at += 4 + (value if form == 4 else 0)
    return False


def read_cubin(elf):
    """{"sm", "suffix", "abi"}; suffix is "a", "f", "" or None (not decidable from what is there).

    `elf` may be only the first 64 bytes. `f` is known only from the command line in the tool note."""
    abi = elf[8]
    version, = struct.unpack_from("<I", elf, 20)
    flags, = struct.unpack_from("<I", elf, 48)
    if abi < 8:
        sm = flags & 0xFF
        return {"sm": sm, "suffix": "a" if sm >= 90 and flags & 0x800 else "", "abi": abi, "version": version}
    sm = flags >> 8 & 0xFF
    result = {"sm": sm, "suffix": "a" if flags & 8 else None, "abi": abi, "version": version}
    if len(elf) <= 64:
        if sm < 90:
            result["suffix"] = ""
        return result
    asked = re.search(rb"-arch[ =]+sm_?(\d+)([af]?)", elf, re.I)
    if asked:
        result["asked"] = asked.group(1).decode() + asked.group(2).decode().lower()
    if result["suffix"] is None:
        a = any(kind == SHT_NV_COMPAT and compat_says_a(content) for kind, _, content in cubin_sections(elf))
        f = asked is not None and asked.group(2).lower() == b"f" and int(asked.group(1)) == sm
        result["suffix"] = "a" if a else "f" if f else ""
    return result


PTX_HEAD = re.compile(rb"\.version\s+(\d+)\.(\d+)\s(?:[^\0]{0,400}?\n)?[^\0]{0,400}?\.target\s+sm_(\d+)([af]?)")


def read_ptx(text, anchored=False):
    """{"sm", "suffix", "isa"} of PTX text, or None if it has no such head (or, anchored, does not begin with it)."""
    head = PTX_HEAD.match(text) if anchored else PTX_HEAD.search(text)
    if head is None:
        return None
    major, minor, sm, suffix = (g.decode() for g in head.groups())
    return {"sm": int(sm), "suffix": suffix, "isa": f"{major}.{minor}"}
