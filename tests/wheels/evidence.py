"""Words for the results of compare.py: a line on the terminal, a page of Markdown."""

from collections import Counter

import census


def differences(result):
    inside = [f"{name}: {d}" for name, lib in result["libraries"].items() for d in lib["differences"]]
    return result["differences"] + inside


def line(result):
    libraries = result["libraries"].values()
    images = sum(lib["compared"] for lib in libraries)
    extra = sum(sum(beyond(lib["census"]).values()) for lib in libraries)
    return (
        f"{result['row']['file'].split('-cp')[0].split('-py')[0]}: {len(libraries)} files with GPU code,"
        f" {images} images as cuobjdump says, {extra} more that it does not list,"
        f" {len(result['unread'])} unread, {len(differences(result))} differences"
        f" ({result['seconds']:.1f} s for the wheel)"
    )


def beyond(found):
    """What cuobjdump does not list, by (section, what): images outside the usual sections, LTO-IR, loose code."""
    counts = Counter()
    for section, rows in found["images"].items():
        for row in rows:
            if section not in census.USUAL or row["kind"] not in ("sass", "ptx"):
                counts[section, row["kind"]] += row["count"]
    for section, rows in found["loose"].items():
        for row in rows:
            what = {"sass": "bare cubin", "ptx": "bare PTX text"}[row["kind"]]
            counts[section, what + (" (zstd)" if row["packing"] == "zstd" else "")] += row["count"]
    return counts


def targets(found, section, what):
    kind = "ptx" if what in ("ptx", "bare PTX text") else "lto" if what == "lto" else "sass"
    packing = "zstd" if what.endswith("(zstd)") else None
    source = found["loose"] if what.startswith("bare") else found["images"]
    numbers = Counter()
    for row in source.get(section, []):
        if row["kind"] == kind and (not what.startswith("bare") or (row["packing"] == "zstd") == bool(packing)):
            numbers[row["target"]] += row["count"]
    return " ".join(f"{t}×{n}" for t, n in sorted(numbers.items(), key=lambda i: float(i[0].rstrip("af"))))


def not_read(with_code):
    """Files that every cuobjdump refuses: judged by the census alone."""
    rows = [
        f"- {r['row']['package']} {r['row']['version']}: {name}: {lib['answers'][-1]['refused'].splitlines()[0]}"
        for r in with_code
        for name, lib in r["libraries"].items()
        if "refused" in lib["answers"][-1]
    ]
    return ["", "## Refused by every cuobjdump, equal to the census alone", "", *rows] if rows else []


def markdown(results):
    with_code = [r for r in results if r["libraries"]]
    libraries = [lib for r in with_code for lib in r["libraries"].values()]
    compared = [lib for lib in libraries if lib["compared"]]
    equal = [lib for lib in compared if not lib["differences"]]
    refused = [lib["answers"][0]["tool"] for lib in libraries if len(lib["answers"]) > 1 and "counts" in lib["answers"][-1]]
    named = sum(lib.get("lto", {}).get("named", 0) for lib in libraries)
    asked = named + sum(lib.get("lto", {}).get("linked", 0) for lib in libraries)
    out = [
        "# Real wheels: `cufit inspect` against `cuobjdump` and against a census of the bytes",
        "",
        "Written by `tests/wheels/compare.py` (`make test-wheels`); the wheels are those of `tests/wheels/wheels.json`.",
        "",
        f"- {len(with_code)} wheels of {len({r['row']['maker'] for r in with_code})} makers;"
        f" {len(libraries)} files hold GPU code, {len(compared)} of them in the sections that cuobjdump lists.",
        f"- {len(equal)} of {len(compared)} equal `cuobjdump -lelf -lptx -all` in the count of every architecture:"
        f" {sum(lib['compared'] for lib in compared)} images. `f` is folded: cuobjdump names from the cubin, which lost it.",
        f"- {len(refused)} files were refused by cuobjdump {', '.join(sorted(set(refused)))} and read by the older one.",
        f"- {sum(sum(beyond(lib['census']).values()) for lib in libraries)} pieces of GPU code more are found by cufit and"
        " not listed by cuobjdump. The census (`tests/wheels/census.py`) finds the same ones by brute force and has"
        f" unpacked each and read its own header. {asked} pieces of LTO-IR, which only NVIDIA's linker can unpack, went"
        f" to nvJitLink (`tests/wheels/lto.py`): it named the architecture of {named} and linked the others.",
        f"- {sum(len(r['differences']) for r in results)} differences between a wheel and its unpacked files;"
        f" {sum(len(differences(r)) for r in results)} differences in all.",
        "",
        "## Wheels",
        "",
        "| wheel | maker | CUDA | files with code | images equal to cuobjdump | more found | differences | why this one |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for r in results:
        row, libs = r["row"], r["libraries"].values()
        out.append(
            f"| {row['package']} {row['version']} | {row['maker']} | {row['cuda']} | {len(libs)}"
            f" | {sum(lib['compared'] for lib in libs)} | {sum(sum(beyond(lib['census']).values()) for lib in libs)}"
            f" | {len(differences(r))} | {row['why']} |"
        )
    out += ["", "## Files", "", "| file | cuobjdump | SASS and PTX, equal |", "| --- | --- | ---: |"]
    for r in with_code:
        for name, lib in r["libraries"].items():
            verdict = lib["compared"] if not lib["differences"] else f"{lib['compared']}, {len(lib['differences'])} differences"
            out.append(f"| {r['row']['package']} {r['row']['version']}: {name} | {lib['answers'][-1]['tool']} | {verdict} |")
    out += not_read(with_code)
    out += ["", "## Found by cufit, not listed by cuobjdump", ""]
    out += ["| file | section | what | checked | targets |", "| --- | --- | --- | ---: | --- |"]
    for r in with_code:
        for name, lib in r["libraries"].items():
            for (section, what), n in sorted(beyond(lib["census"]).items()):
                short = f"{r['row']['package']} {r['row']['version']}: {name.rsplit('/', 1)[-1]}"
                out.append(f"| {short} | {section or 'none'} | {what} | {n} | {targets(lib['census'], section, what)} |")
    if any(differences(r) for r in results):
        out += ["", "## Differences", ""] + [f"- {r['row']['file']}: {d}" for r in results for d in differences(r)]
    return "\n".join(out) + "\n"
