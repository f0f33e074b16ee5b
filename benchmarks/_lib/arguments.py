"""The arguments that several commands have."""

import argparse
import ast
from pathlib import Path

from .images import images_in


def make_parser(description):
    """Make a parser whose first argument is a file of JSON lines."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="lines, read and appended")
    return parser


def add_images(parser, levels="0.05", seeds="0"):
    """Add a folder of clean images, and the noise that they get."""
    parser.add_argument(
        "--images", type=folder, help="folder of clean images; without, nothing is measured"
    )
    parser.add_argument("--levels", type=literals, default=levels, help="a, joined by commas")
    parser.add_argument("--seeds", type=literals, default=seeds, help="seeds, joined by commas")


def add_changes(parser):
    """Add hyperparameters to change, and a format for tables."""
    parser.add_argument(
        "--set", nargs="*", type=pair, default=[], metavar="NAME=VALUE", help="hyperparameters"
    )
    add_rst(parser)


def add_rst(parser):
    """Add a format for tables."""
    parser.add_argument("--rst", action="store_true", help="reStructuredText, for the docs")


def folder(text):
    """Return a folder that has images."""
    path = Path(text)
    if not images_in(path):
        raise argparse.ArgumentTypeError(f"{text} holds no image (.tif, .tiff, .npy)")
    return path


def pair(text):
    """Return a name and a value."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"expected NAME=VALUE, got {text}")
    return name, literal(value)


def literals(text):
    """Return the values that a text joined by commas stands for."""
    return [literal(part) for part in text.split(",")]


def literal(text):
    """Return the number or None that a text stands for, or the text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
