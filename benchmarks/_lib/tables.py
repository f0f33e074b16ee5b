"""Lines in groups, and tables of them."""

import statistics
import sys
from collections import defaultdict


def grouped(lines, *names):
    """Group lines by fields or hyperparameters, in the order in which they first appear."""
    groups = defaultdict(list)
    for line in lines:
        parameters = line.get("parameters", {})
        groups[tuple(parameters.get(name, line.get(name)) for name in names)].append(line)
    return groups


def mean(lines, field):
    """Return the mean of a field."""
    return statistics.fmean(line[field] for line in lines)


def pivot(lines, row, column, cell):
    """Return a table with a row and a column for each value of two fields.

    `cell` makes the text of a group of lines; where there is none, the cell is empty.
    """
    columns = list(grouped(lines, column))
    table = [("", *(name for (name,) in columns))]
    for (name,), group in grouped(lines, row).items():
        groups = grouped(group, column)
        table.append((name, *(cell(groups[c]) if c in groups else "" for c in columns)))
    return table


def show(title, table, rst=False):
    """Print a table, as Markdown or as a list-table."""
    if rst:
        print(f"\n.. list-table:: {title}\n   :header-rows: 1\n")
        for cells in table:
            for number, cell in enumerate(cells):
                print(f"   {'* -' if number == 0 else '  -'} {cell}".rstrip())
    else:
        print(f"\n**{title}**\n")
        head, *body = table
        for cells in (head, ["---"] * len(head), *body):
            print(f"| {' | '.join(cells)} |")


def panels(count, columns=1, width=6, height=3.6):
    """Return a figure of matplotlib and its axes, as a list of rows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height * count), layout="constrained")
    return figure, figure.subplots(count, columns, squeeze=False)


def save_figure(figure, path):
    """Write a figure and say where."""
    figure.savefig(path, dpi=150, bbox_inches="tight")
    print(path, file=sys.stderr)
