#!/usr/bin/env python3
"""Every rule that a comment, a row or a text names must exist (docs/rules.md lists them).

    rule_ids.py [ROOT]     exit 0: all exist; 1: lists file, line and id
    rule_ids.py --self-test
"""

import pathlib
import re
import sys

FOLDERS = ("src", "apps", "data")
# It says which ids are no rules of cufit, and why.
EXCEPT = "rules_page.toml"
LISTED = re.compile(r"^### ([A-Z]+-\d+)$", re.M)


def unknown_ids(text, known):
    """(line number, id) of what looks like a rule of a known family and is none."""
    families = "|".join(sorted({i.split("-")[0] for i in known} | {"KMD", "FAB", "MIG", "NCCL"}))
    # "MIG-1g.10gb" and "GPU-1" are names, not rules.
    form = re.compile(r"(?<![\w-])(?:%s)-\d{1,2}(?![\w-])" % families)
    return [
        (number, found)
        for number, line in enumerate(text.splitlines(), 1)
        for found in form.findall(line)
        if found not in known
    ]


def self_test():
    known = {"FC-1", "LIB-1"}
    assert unknown_ids("// FC-1, LIB-1: right\n// FC-14: wrong", known) == [(2, "FC-14")]
    assert unknown_ids("KMD-2", known) == [(1, "KMD-2")]
    assert unknown_ids("MIG-1g.10gb, XFC-14, FC-1-2, UTF-8", known) == []


def main(root):
    known = set(LISTED.findall((root / "docs/rules.md").read_text(encoding="utf-8")))
    assert len(known) > 50, "docs/rules.md lists %d rules" % len(known)
    bad = 0
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cpp", ".c", ".toml") and path.name != EXCEPT:
                for number, found in unknown_ids(path.read_text(encoding="utf-8"), known):
                    print("%s:%d: there is no rule %s" % (path.relative_to(root), number, found))
                    bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent))
