#!/usr/bin/env python3
"""static_test.py BUILD: the binary of the release build asks for no loader, our code does not know dlopen, and it starts.

Every static program holds glibc's own dlopen (iconv brings it), so our libraries are asked, not the binary.
Exit 77 (skipped) if there is no release build.
"""
import pathlib
import re
import struct
import subprocess
import sys

PT_DYNAMIC, PT_INTERP = 2, 3


def program_headers(elf):
    """Types of the program headers of a 64-bit little-endian ELF file."""
    offset, = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    return [struct.unpack_from("<I", elf, offset + i * size)[0] for i in range(count)]


def undefined(archive):
    """Symbols that the objects of a library expect from elsewhere."""
    lines = subprocess.run(["nm", "-u", archive], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^\s+U (\w+)", lines, re.M))


def main():
    build = pathlib.Path(sys.argv[1])
    binary = build / "cufit"
    if not binary.exists():
        print(f"skipped: {binary} is not built (make release)")
        return 77
    types = program_headers(binary.read_bytes())
    assert types, "no program headers"
    assert PT_INTERP not in types and PT_DYNAMIC not in types, f"{binary} is not static"

    libraries = sorted(build.rglob("libcufit_*.a"))
    assert len(libraries) >= 8, libraries
    for library in libraries:
        loads = undefined(library) & {"dlopen", "dlmopen", "dlsym", "dlvsym", "system", "popen"}
        assert not loads, f"{library} refers to {loads}"

    # An empty environment: nothing of this machine helps it to start.
    shown = subprocess.run([binary, "show", "209"], env={}, capture_output=True, text=True, check=True)
    assert "CUDA_ERROR_NO_BINARY_FOR_GPU" in shown.stdout


if __name__ == "__main__":
    sys.exit(main())
