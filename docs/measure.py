"""Count words of the built pages, and follow their internal links: python docs/measure.py HTML.

Words of the pages hold a letter; tables count, code does not. API, examples and changelog are left
out. Numbers are tokens with a digit, outside tables. Words of the sources are those of ``wc -w``. A
broken link makes the exit code 1.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

LEFT_OUT = {"api", "changelog", "genindex", "py-modindex", "search"}
NO_TEXT = ("pre", "script", "style", "nav", "footer")


class _Page(HTMLParser):
    """Text, targets and links of one page."""

    def __init__(self, path):
        super().__init__()
        self.targets, self.links = set(), []
        self.inside = dict.fromkeys(("article", "table", *NO_TEXT), 0)
        self.prose, self.tables = [], []
        self.feed(path.read_text(encoding="utf8"))

    def handle_starttag(self, tag, attrs):
        if tag in self.inside:
            self.inside[tag] += 1
        named = {key: value for key, value in attrs if value}
        self.targets |= {named[key] for key in ("id", "name") if key in named}
        self.links += [named[key] for key in ("href", "src") if key in named]

    def handle_endtag(self, tag):
        if tag in self.inside:
            self.inside[tag] -= 1

    def handle_data(self, data):
        if self.inside["article"] and not any(self.inside[tag] for tag in NO_TEXT):
            (self.tables if self.inside["table"] else self.prose).extend(data.split())


def broken(pages):
    """Return (page, link) of links into these pages, or to files beside them, that lead nowhere."""
    missing = []
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"[a-z]+:|//", link):
                continue
            file, anchor = urldefrag(unquote(link))
            target = (path.parent / file.split("?")[0]).resolve() if file else path
            there = not anchor or target not in pages or anchor in pages[target].targets
            if not (target.exists() and there):
                missing.append((path.name, link))
    return missing


def words_of_sources():
    """Return the number of words of all pages but the API, code and marks included."""
    sources = set(Path(__file__).parent.glob("*.rst")) - {Path(__file__).with_name("api.rst")}
    return sum(len(path.read_text("utf8").split()) for path in sources)


def main(folder):
    """Print what was counted, and the links that are broken."""
    pages = {
        path.resolve(): _Page(path) for path in folder.rglob("*.html") if "_static" not in str(path)
    }
    counted = [
        page
        for path, page in pages.items()
        if path.parent == folder.resolve() and path.stem not in LEFT_OUT
    ]
    prose = [token for page in counted for token in page.prose]
    text = prose + [token for page in counted for token in page.tables]
    words = sum(bool(re.search(r"[^\W\d]", token)) for token in text)
    numbers = sum(bool(re.search(r"\d", token)) for token in prose)
    missing = broken(pages)
    print(f"{words} words, {100 * numbers / len(prose):.1f} numbers in a hundred tokens of prose")
    print(f"{words_of_sources()} words in the sources of the pages, as wc -w counts")
    print(f"{len(missing)} broken of {sum(len(page.links) for page in pages.values())} links")
    print(*missing, sep="\n")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
