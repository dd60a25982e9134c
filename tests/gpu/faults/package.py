"""A Python package with one library of GPU code, as pip would have installed it."""
import base64
import hashlib
import struct

from machine import HERE, compiled
from table import installs

NAME, VERSION = "fault_extension", "1.0"
CUBIN = HERE.parents[2] / "examples/saxpy_sm80.cubin"  # ours, so that nothing has to be compiled for a GPU here
PTX = """.version {isa}
.target sm_{target}
.address_size 64
.visible .entry marker(.param .u64 out)
{{
	ret;
}}
"""


def fat_binary(code):
    """One container with one image: a header of 16 bytes (magic, version 1, its size, that of the rest), an entry
    header of 64 (kind 1 = PTX, 2 = cubin; ISA or ABI at 28; target; flags at 40: 64-bit, Linux), then the image."""
    isa, target = installs(code)
    if isa is None:
        kind, major, minor, image = 2, 1, 8, CUBIN.read_bytes()
    else:
        kind, (major, minor) = 1, map(int, isa.split("."))
        image = PTX.format(isa=isa, target=target).encode() + b"\0"
    image += bytes(-len(image) % 8)
    # The entry of a PTX text has options for its compiler behind the header, at 64: where they begin, and none.
    options = struct.pack("<QQ", 72, 0) if kind == 1 else b""
    entry = struct.pack("<HHIQIIHHIIIQQQ", kind, 0x0101, 64 + len(options), len(image), 0, 64 if options else 0, minor,
                        major, target, 0, 0, 0x11, 0, 0) + options
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(entry) + len(image)) + entry + image


def record_line(name, data):
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def build(folder, code):
    """{name in site-packages: path} of the package, and the file of its images."""
    images = folder / "images.fatbin"
    images.write_bytes(fat_binary(code))
    package, described = folder / NAME, folder / f"{NAME}-{VERSION}.dist-info"
    package.mkdir()
    described.mkdir()
    (package / "__init__.py").write_text("from . import _C\n")
    compiled(HERE / "extension.c", package / "_C.abi3.so", "-shared", "-fPIC", f'-DIMAGES="{images}"')
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME.replace('_', '-')}\nVersion: {VERSION}\n"
                                        "Requires-Dist: torch\n")
    (described / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp39-abi3-linux_x86_64\n")
    (described / "INSTALLER").write_text("pip\n")
    files = sorted(p for place in (package, described) for p in place.iterdir())
    lines = [record_line(p.relative_to(folder), p.read_bytes()) for p in files]
    (described / "RECORD").write_text("".join(lines) + f"{described.name}/RECORD,,\n")
    return {package.name: package, described.name: described}, images
