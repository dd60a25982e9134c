"""Runs in the Python of an environment: imports torch, opens what its libraries open later, and prints what is mapped.

    loads_inside.py OPEN_AS.so OPENS      OPENS: JSON, [[name, file name of the caller], ...]

glibc searches for the one who calls dlopen, so each name is opened as if that library did (open_as.c). A name may be
written "a|b": what is opened if the one before is not there.
"""

import ctypes
import json
import os
import sys

ELF_FILES = ".so"


def mappings():
    with open("/proc/self/maps") as maps:
        rows = [line.split(None, 5) for line in maps]
    return [(row[0], row[1], row[5].strip()) for row in rows if len(row) == 6 and ELF_FILES in row[5]]


class Object(ctypes.Structure):
    """The beginning of struct dl_phdr_info."""

    _fields_ = [("address", ctypes.c_size_t), ("name", ctypes.c_char_p)]


def objects():
    """Paths of the objects in the process, in the order in which they were loaded."""
    found = []
    visitor = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Object), ctypes.c_size_t, ctypes.c_void_p)

    def visit(object_, _size, _data):
        found.append(os.path.realpath((object_.contents.name or b"").decode()))
        return 0

    ctypes.CDLL(None).dl_iterate_phdr(visitor(visit), None)
    return found


def rets_in(name):
    """Addresses of a byte c3 in the code of each object whose file name begins so."""
    rets = []
    for path in objects():
        if not os.path.basename(path).startswith(name):
            continue
        for span, mode, mapped in mappings():
            if "x" in mode and os.path.realpath(mapped) == path:
                start, end = (int(x, 16) for x in span.split("-"))
                at = ctypes.string_at(start, min(end - start, 1 << 20)).find(b"\xc3")
                if at >= 0:
                    rets.append(start + at)
                    break
    return rets


def main():
    failed = {}
    try:
        import torch  # noqa: F401
    except Exception as e:  # whatever ends the import
        failed["import"] = str(e)
    library = ctypes.CDLL(sys.argv[1])
    library.open_as.restype = ctypes.c_void_p
    library.open_as.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    dlerror = ctypes.CDLL(None).dlerror
    dlerror.restype = ctypes.c_char_p
    for names, caller in json.loads(sys.argv[2]) if not failed else []:
        rets = rets_in(caller)
        if not rets:
            failed[names] = f"no {caller} in the process"
        for ret in rets:  # a process may have two copies of a library
            for name in names.split("|"):
                if library.open_as(name.encode(), 2, ret):  # 2: RTLD_NOW
                    break
                failed[name] = dlerror().decode()
    print(json.dumps({"failed": failed, "mapped": sorted({path for _, _, path in mappings()})}))


main()
