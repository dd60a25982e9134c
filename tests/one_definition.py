#!/usr/bin/env python3
"""Two classes of one name in one namespace are one class to the linker, and one of them gets the members of the other.

Looks at the classes that headers and sources of src define outside of unnamed namespaces. --self-test: does it find what it should?
"""

import collections
import pathlib
import re
import sys

CLASS = re.compile(r"^(?:struct|class) ([A-Z]\w*)(?: final)?\s*(?::(?!:)[^;{]*)?\{", re.M)
OPEN = re.compile(r"^(?:inline )?namespace ?([\w:]*) ?\{", re.M)


def defined(text):
    """(namespace, class) of what a file defines; files here open their namespaces at the left margin."""
    spaces, found = [], []
    for m in re.finditer(r"%s|%s|^\}  // namespace.*$" % (OPEN.pattern, CLASS.pattern), text, re.M):
        if m.group(0).startswith("}"):
            if spaces:
                spaces.pop()
        elif m.group(2):
            if "" not in spaces:
                found.append(("::".join(spaces), m.group(2)))
        else:
            spaces.append(m.group(1))
    return found


def twice(files):
    """{(namespace, class): files} of those that several files define."""
    where = collections.defaultdict(list)
    for path, text in files.items():
        for name in defined(text):
            where[name].append(path)
    return {name: paths for name, paths in where.items() if len(paths) > 1}


def self_test():
    a = "namespace cufit {\nstruct Place {\n};\nclass Other final : Base {\n};\n}  // namespace cufit\n"
    hidden = "namespace cufit {\nnamespace {\nstruct Place {\n};\n}  // namespace\nstruct Rest {\n};\n}  // namespace cufit\n"
    inner = "namespace cufit::collect {\nstruct Place {\n};\n}  // namespace cufit::collect\n"
    assert twice({"a": a, "b": a}) == {("cufit", "Place"): ["a", "b"], ("cufit", "Other"): ["a", "b"]}
    assert twice({"a": a, "hidden": hidden, "inner": inner}) == {}
    assert defined(hidden) == [("cufit", "Rest")]


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    source = pathlib.Path(__file__).resolve().parents[1] / "src"
    files = {str(p.relative_to(source)): p.read_text() for p in sorted(source.glob("**/*")) if p.suffix in (".h", ".cpp")}
    found = twice(files)
    for (space, name), paths in found.items():
        print(f"{space}::{name} is defined in {', '.join(paths)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
