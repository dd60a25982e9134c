#!/usr/bin/env python3
"""glibc_test.py PROBE: the probe starts on glibc 2.17, and needs nothing but libdl and libc.

--self-test: is a symbol of a newer glibc found?
"""
import re
import subprocess
import sys

OLDEST = (2, 17)
LIBRARIES = {"libdl.so.2", "libc.so.6"}


def too_new(symbols):
    """(symbol, version) of what `objdump -T` lists of glibc after 2.17. Versions of other kinds are too new: 2.17 has none."""
    found = []
    for version, name in re.findall(r"\*UND\*\s+\w+\s+\(?(GLIBC_\w+(?:\.\w+)*)\)?\s+(\S+)", symbols):
        numbers = re.fullmatch(r"GLIBC_(\d+(?:\.\d+)*)", version)
        if not numbers or tuple(map(int, numbers[1].split("."))) > OLDEST:
            found.append((name, version))
    return found


def asked_for(versions):
    """The versions that `readelf -V` lists as needed, also those of no symbol (GLIBC_ABI_DT_RELR)."""
    return set(re.findall(r"Name: (GLIBC_\S+)", versions))


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def self_test():
    lines = ("0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.34) dlopen\n"
             "0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.2.5) read\n"
             "0000000000000000      DF *UND*\t0000000000000000  GLIBC_ABI_X odd\n")
    assert too_new(lines) == [("dlopen", "GLIBC_2.34"), ("odd", "GLIBC_ABI_X")], too_new(lines)


def main():
    if sys.argv[1] == "--self-test":
        return self_test()
    probe = sys.argv[1]
    symbols = run("objdump", "-T", probe)
    assert "dlopen" in symbols and "__libc_start_main" in symbols, symbols
    assert not too_new(symbols), f"not in glibc 2.17: {too_new(symbols)}"
    odd = {v for v in asked_for(run("readelf", "-VW", probe)) if too_new(f"*UND* 0 {v} x")}
    assert not odd, f"asks for {odd}"
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-dW", probe)))
    assert needed == LIBRARIES, needed


if __name__ == "__main__":
    main()
