"""Words in, an exit code out: 0 done, 1 failed (one line on stderr), 2 wrong usage."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .. import __version__
from .._words import one_line
from ._parser import Parser, did_you_mean
from ._say import complain, naming_warnings, standard_streams
from ._task import is_interruption

COMMANDS = ("denoise", "compare", "diagnose", "columns", "demo", "info")

_DESCRIPTION = """\
Denoise electron-microscopy images, each from itself alone: no clean image and no training set.

  sk-noise2sr demo                           see it work on an image that comes along
  sk-noise2sr denoise frame.tif              write frame_denoised.tif beside it
  sk-noise2sr denoise --help                 what can be set, and which methods there are
  sk-noise2sr compare frame.tif              several methods, side by side
  sk-noise2sr diagnose frame.tif             what is in the noise, and what suits it
  sk-noise2sr columns frame.tif -o FILE.csv  atomic columns, measured in the noisy image
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : list of str, default=None
        The words after the program's name; None takes those of the process.

    Returns
    -------
    int
        Exit code: 0 for success, 1 for a failure, said in one line on stderr, 2 for wrong usage.
    """
    argv = sys.argv[1:] if argv is None else argv
    with standard_streams(), _any_name_printed(), naming_warnings(), _ended_in_order():
        return _main(argv)


def _main(argv):
    if argv and argv[0] not in COMMANDS and not argv[0].startswith("-"):
        return _fail(_no_command(argv[0]), code=2)
    arguments = _make_parser(argv).parse_args(argv)
    arguments.words = list(argv)
    try:
        return arguments.run(arguments, arguments.parser)
    except FileExistsError as error:
        return _fail(one_line(error).replace("overwrite=True", "--force"), code=1)
    except (OSError, ValueError, RuntimeError, MemoryError, ImportError) as error:
        return _fail(one_line(error), code=2 if _is_wrong_parameter(error) else 1)
    except (KeyboardInterrupt, Warning) as error:
        if is_interruption(error):
            return _fail("interrupted; nothing was written", code=1)
        why = f"{one_line(error)} Nothing was written; --force writes it all the same."
        return _fail(why, code=1)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let what ends a job or closes a terminal do so as Ctrl-C does: all in order, and told."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        numbers = (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP"))
        for number in filter(None, numbers):
            if signal.getsignal(number) is signal.SIG_DFL:  # nohup has set another
                before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _any_name_printed() -> Iterator[None]:
    """Print the codes of letters that stdout has none for: no name of a file may end a batch."""
    strict = getattr(sys.stdout, "errors", None) == "strict" and hasattr(sys.stdout, "reconfigure")
    stream = sys.stdout if strict else None
    if stream is not None:
        stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        if stream is not None and not stream.closed:
            stream.reconfigure(errors="strict")


def _no_command(word):
    """Say what was perhaps meant by a first word that is no command."""
    if Path(word).suffix or Path(word).exists():
        return f"{word} is no command; did you mean sk-noise2sr denoise {word}?"
    hint = did_you_mean(word, COMMANDS) or f"; known are {', '.join(COMMANDS)}"
    return f"unknown command {word!r}{hint}"


def _make_parser(argv):
    """Make the parser; only the command at hand gets its options."""
    from . import _columns, _compare, _demo, _denoise, _diagnose, _info

    parser = Parser(prog="sk-noise2sr", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in (_denoise, _compare, _diagnose, _columns, _demo, _info):
        name = module.__name__.rpartition("._")[2]
        summary = module.__doc__.splitlines()[0]
        subparser = commands.add_parser(name, help=summary, description=module.DESCRIPTION)
        subparser.set_defaults(run=module.run, parser=subparser)
        if name in argv[:1]:
            module.add_arguments(subparser, argv[1:])
    return parser


def _is_wrong_parameter(error):
    validation = sys.modules.get("sklearn.utils._param_validation")  # loaded where it has raised
    return validation is not None and isinstance(error, validation.InvalidParameterError)


def _fail(message, code):
    complain(message)
    return code
