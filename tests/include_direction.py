#!/usr/bin/env python3
"""Every `#include` between folders of src/ must go in an allowed direction (see ARCHITECTURE.md).

    include_direction.py [ROOT]     exit 0: all edges allowed; 1: lists file, line and edge
    include_direction.py --self-test
"""
import pathlib
import re
import sys
import tempfile

# base <- formats <- collect <- commands; base <- model <- knowledge, loader <- judge <- commands; model <- collect, render.
# What an arrow allows directly, and through which folders it follows.
ALLOWED = {
    "base": set(),
    "formats": {"base"},
    "model": {"base"},
    "knowledge": {"base", "model"},
    "collect": {"base", "formats", "model"},
    "loader": {"base", "model"},
    "judge": {"base", "model", "knowledge", "loader"},
    "render": {"base", "model"},
    "commands": {"base", "model", "knowledge", "collect", "loader", "judge", "render"},
}
# Programs of their own: what they may include.
PROGRAMS = {"apps": {"commands"}}

INCLUDE = re.compile(r'^\s*#\s*include\s*"([a-z_]+)/')


def edges(root):
    """(file, line number, from folder, to folder) of each #include of a folder of src/."""
    for tree in ("src", "apps"):
        for path in sorted((root / tree).rglob("*")):
            if path.suffix not in (".h", ".cpp", ".c", ".hpp", ".inc"):
                continue
            parts = path.relative_to(root).parts
            source = parts[1] if tree == "src" else tree
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                found = INCLUDE.match(line)
                if found:
                    yield path.relative_to(root), number, source, found[1]


def violations(root):
    for path, number, source, target in edges(root):
        allowed = PROGRAMS.get(source) or ALLOWED.get(source)
        if allowed is None:
            yield f"{path}:{number}: folder {source} is not in the list of directions"
        elif target != source and target not in allowed:
            yield f"{path}:{number}: {source} must not include {target}"


def self_test():
    """A tree with one wrong edge, one unknown folder and one allowed edge gives exactly two complaints."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for folder, text in {"src/judge": '#include "formats/elf.h"\n#include "model/report.h"\n',
                             "src/odd": '#include "base/bytes.h"\n', "apps/x": ""}.items():
            (root / folder).mkdir(parents=True)
            (root / folder / "a.cpp").write_text(text)
        found = list(violations(root))
        expected = ["src/judge/a.cpp:1: judge must not include formats",
                    "src/odd/a.cpp:1: folder odd is not in the list of directions"]
        assert found == expected, found


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    if not any(edges(root)):
        sys.exit(f"{root}: no #include found, is this the project?")
    found = list(violations(root))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
