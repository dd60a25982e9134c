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


def ret_in(name):
    """Address of a byte c3 in the code of the file whose name begins so."""
    for span, mode, path in mappings():
        if "x" in mode and os.path.basename(path).startswith(name):
            start, end = (int(x, 16) for x in span.split("-"))
            found = ctypes.string_at(start, min(end - start, 1 << 20)).find(b"\xc3")
            if found >= 0:
                return start + found
    return None


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
        ret = ret_in(caller)
        for name in names.split("|"):
            if ret is None:
                failed[name] = f"no {caller} in the process"
            elif library.open_as(name.encode(), 2, ret):  # 2: RTLD_NOW
                break
            else:
                failed[name] = dlerror().decode()
    print(json.dumps({"failed": failed, "mapped": sorted({path for _, _, path in mappings()})}))


main()
