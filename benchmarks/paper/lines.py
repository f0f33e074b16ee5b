"""JSON lines that survive a crash in the middle of one."""

import json
import sys


def read_lines(path):
    """Return the finished lines of a file; one that a crash cut short is left out."""
    lines = []
    if path.exists():
        for text in path.read_text(encoding="utf8").splitlines():
            try:
                lines.append(json.loads(text))
            except json.JSONDecodeError:
                print(f"{path}: a broken line is left out", file=sys.stderr)
    return lines


def append_line(path, line):
    """Append a line; a broken one before it is closed first."""
    broken = path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf8") as file:
        file.write(("\n" if broken else "") + json.dumps(line) + "\n")
