"""The table of robustness in the documentation, from the lines of the other modules.

python -m benchmarks.robustness.table benchmarks/results > docs/robustness.inc
"""

import sys
from pathlib import Path

from .._lib.lines import read_lines
from .._lib.tables import show


def main(argv=None):
    (folder,) = sys.argv[1:] if argv is None else argv
    rows = [["what", "how often", "what came of it", "commit"]]
    for name, describe in {
        "fuzz_files": files,
        "fuzz_parameters": parameters,
        "kill": kills,
        "repeat": repeats,
        "workers": workers,
        "divergence": divergences,
    }.items():
        lines = read_lines(Path(folder, f"{name}.jsonl"))
        rows += [[*describe(line), line["commit"]] for line in lines]
    show("Robustness", rows, rst=True)


def counted(outcomes):
    return ", ".join(f"{count} {word}" for word, count in sorted(outcomes.items()))


def files(line):
    said = f"{counted(line['outcomes'])}; peak {line['peak_mb']} MB"
    return [f"damaged {line['file']}", line["mutations"], said]


def parameters(line):
    outcomes = line["outcomes"]
    return [f"settings of {line['class']}", sum(outcomes.values()), counted(outcomes)]


def kills(line):
    said = f"{line['half_files']} half files, {line['temporary_after']} temporary files left"
    if "results_before_the_end" in line:
        said += f", {line['results_before_the_end']} results written before the end"
    if "resume_completes" in line:
        said += f"; --resume {'completes' if line['resume_completes'] else 'does not complete'}"
    return [f"batches: {line['event']}", line["runs"], said]


def repeats(line):
    ways = [way for way in ("threads", "processes", "loaded", "tiles") if way in line]
    same = [way for way in ways if line[way]]
    said = f"same bits in {', '.join(same)}" + "".join(
        f"; **not** in {way}" for way in ways if way not in same
    )
    said += f"; gain {line['gain_error']:.1e}, offset {line['offset_error']:.1e} of the range"
    return [f"{line['denoiser']} again", len(ways), said]


def workers(line):
    said = f"{line['identical']} results with the same bits, {line['failed']} failures, "
    said += f"{line['left_over']} files left over"
    said += f"; {line['in_time']} workers were killed before the result was there"
    return ["killed dask workers", line["runs"], said]


def divergences(line):
    return [f"fits, planted: {line['plant']}", line["fits"], counted(line["outcomes"])]


if __name__ == "__main__":
    sys.exit(main())
