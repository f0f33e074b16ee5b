"""Print a measured line, and keep it with machine, versions and commit."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "paper"))

from lines import append_line
from run import provenance


def add_out(parser):
    parser.add_argument("--out", type=Path, help="a file of JSON lines to append to")


def report(script, line, out):
    line = {"benchmark": script, **line}
    print(json.dumps(line))
    if out is not None:
        append_line(out, line | provenance())
