"""Denoise one image by several methods, and see how they differ."""

import os
from pathlib import Path

from .. import __version__
from .._optional import import_optional
from .._words import counted
from ._folder import new_folder
from ._inputs import add_part, check_inputs, crop_text, read_partner, read_record, refuse_inputs
from ._json import as_json
from ._methods import (
    describe_methods,
    find_method,
    list_methods,
    make_denoiser,
    method_names,
)
from ._options import literal
from ._parser import did_you_mean
from ._say import complain, say
from ._table import explain, note_of, title_of
from ._trials import file_of, look_at, run_all

DESCRIPTION = """\
Denoise IN by several methods, each at its defaults or a preset, print a table, and write to a
folder every result as a TIFF, a picture of all results above their residuals, and the scores as
JSON.

  sk-noise2sr compare frame.tif                              writes to frame_compared/
  sk-noise2sr compare frame.tif --methods vstbm3d,noise2sr -o look
  sk-noise2sr compare frame.tif --methods all --max-time 60
  sk-noise2sr compare noisy.tif --reference clean.tif        PSNR and SSIM too
  sk-noise2sr compare first.tif --methods noise2sr,noise2noise --target second.tif
  sk-noise2sr compare crystal.tif --siblings                 other views of the crystal judge
"""

_DEFAULT = "noise2sr@instant,adaptivewiener,vstbm3d,zsn2n,noise2sr"
_PART = 256  # side of the part that siblings judge, at most
_PICTURE, _SCORES = "comparison.png", "scores.json"


def add_arguments(parser, words):
    """Add the files, the methods and what limits them."""
    parser.epilog = list_methods
    parser.add_argument("input", metavar="IN", type=Path, help="file to read")
    add_part(parser)
    _add_judges(parser)
    _add_methods(parser)
    _add_output(parser)
    _add_limits(parser)


def _add_judges(parser):
    parser.add_argument(
        "--reference",
        metavar="CLEAN",
        type=Path,
        help="the clean image, of the size of IN: results are compared with it",
    )
    parser.add_argument(
        "--siblings",
        action="store_true",
        help="denoise the part --crop (default: the middle) of a crystal; what shows the same "
        "elsewhere in IN tells how many decibels each method gains, and the best Gaussian blur",
    )


def _add_methods(parser):
    parser.add_argument(
        "--target",
        metavar="FILE",
        type=Path,
        help="for methods that learn from pairs: a second image of the area of IN",
    )
    parser.add_argument(
        "--methods",
        metavar="A,B,C",
        default=_DEFAULT,
        help="names joined by commas, or all: those that can be used with what is given; "
        "NAME@PRESET takes a preset; a class of your own is module:Class "
        f"(default: {_DEFAULT})",
    )


def _add_output(parser):
    parser.add_argument(
        "-o",
        "--output",
        metavar="DIR",
        type=Path,
        help="folder to write to; the default is IN with _compared in the place of its suffix",
    )
    parser.add_argument("--force", action="store_true", help="replace files that exist in DIR")


def _add_limits(parser):
    parser.add_argument(
        "--max-time",
        metavar="SECONDS",
        type=literal,
        help="seconds that each method that trains may take (default: no limit)",
    )
    parser.add_argument(
        "--random-state",
        metavar="SEED",
        type=literal,
        default=0,
        help="seed of all methods (default: 0)",
    )


def run(arguments, parser):
    """Check everything, run the methods, print a row for each, and write the files."""
    from ..io import together

    check_inputs((arguments.input, arguments.reference, arguments.target))
    methods = _choose_methods(arguments, parser)
    import_optional("matplotlib", "compare", "plot")
    output = arguments.output or arguments.input.with_name(f"{arguments.input.stem}_compared")
    _check_output(output, methods, arguments, parser)
    denoisers = _make_denoisers(methods, arguments)
    siblings = _find_siblings(arguments, parser) if arguments.siblings else None
    record = read_record(arguments.input, arguments.image, arguments.crop)
    noisy = record.data
    reference, target = (
        read_partner(path, noisy, arguments.input, arguments.crop)
        for path in (arguments.reference, arguments.target)
    )
    facts = look_at(noisy, reference)
    if siblings is not None:
        gain, sigma = siblings.best_gaussian()
        facts["siblings"] = len(siblings.views)
        facts["gaussian"] = {"gain": gain, "sigma": sigma}
    judges = reference, siblings
    outcomes, results = run_all(denoisers, noisy, target, judges, facts)
    if not results:
        raise RuntimeError("no method gave a result; nothing was written")
    print(explain(facts))
    scores = {"sk_noise2sr": __version__, **_words_of(arguments), **facts, "methods": outcomes}
    with new_folder(output), together():
        _write(output, record, reference, results, scores)
    say(f"written: {output}: {', '.join([_PICTURE, _SCORES, *map(file_of, results)])}")
    n_failed = len(outcomes) - len(results)
    if n_failed:
        all_methods = counted(len(outcomes), "method")
        complain(f"{n_failed} of {all_methods} failed")
    return int(n_failed > 0)


def _find_siblings(arguments, parser):
    """Return the views that judge the part; without one named, it is the middle."""
    from ..metrics import find_siblings

    whole = read_record(arguments.input, arguments.image).data
    if whole.ndim != 2:
        parser.error("--siblings is for one image, not for a stack")
    if arguments.crop is None:
        sides = [min(_PART, side // 2) for side in whole.shape]
        arguments.crop = tuple(
            slice((length - side) // 2, (length + side) // 2)
            for length, side in zip(whole.shape, sides, strict=True)
        )
    return find_siblings(whole, *arguments.crop)


def _choose_methods(arguments, parser):
    """Return the names of methods, or name@preset, in the order asked for."""
    words = [word.strip() for word in arguments.methods.split(",")]
    words = [word if ":" in word else word.lower() for word in words]
    bases = [word.partition("@")[0] for word in words]
    if words != ["all"]:
        _refuse_unknown(bases, method_names(*bases), parser)
    try:
        known = describe_methods(*bases)
    except ValueError as error:
        parser.error(str(error))
    learners = [name for name, method in known.items() if method.needs_target]
    if words == ["all"]:
        names = [name for name in known if arguments.target or name not in learners]
    else:
        names = list(dict.fromkeys(words))
    bases = [name.partition("@")[0] for name in names]
    _refuse_unknown(bases, known, parser)  # announced, and cannot be loaded
    _refuse_unknown_presets(names, known, parser)
    if len({*map(file_of, names)}) < len(names):
        parser.error("two of these methods would write one file; rename a class")
    paired = [name for name, base in zip(names, bases, strict=True) if base in learners]
    if paired and arguments.target is None:
        parser.error(
            f"{paired[0]} learns from pairs of images: give --target FILE, or leave it out"
        )
    if arguments.target is not None and not paired:
        parser.error(f"--target is for {', '.join(learners)}; name one of them in --methods")
    return names


def _make_denoisers(names, arguments):
    """Return the methods by their names."""
    shared = {"max_time": arguments.max_time, "random_state": arguments.random_state}
    denoisers = {}
    for name in names:
        base, _, preset = name.partition("@")
        denoisers[name] = make_denoiser(find_method(base), preset or "default", **shared)
    return denoisers


def _refuse_unknown_presets(names, known, parser):
    for name in names:
        base, at, preset = name.partition("@")
        if at and preset not in known[base].presets:
            listed = ", ".join(sorted(known[base].presets))
            parser.error(f"unknown preset {preset!r} of {base}; known are {listed}")


def _refuse_unknown(names, known, parser):
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"; known are all, {', '.join(known)}"
            parser.error(f"unknown method {name!r}{hint}")


def _check_output(output, methods, arguments, parser):
    """Refuse, before any work, what would destroy a file or fail in the end."""
    targets = [output / name for name in (_PICTURE, _SCORES, *map(file_of, methods))]
    refuse_inputs(targets, (arguments.input, arguments.reference, arguments.target), parser)
    folder = next(path for path in (output, *output.absolute().parents) if path.exists())
    if not folder.is_dir():
        parser.error(f"{folder} is a file; name a folder with -o")
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder} cannot be written to; name another folder with -o")
    for target in targets:
        if target.is_dir():
            parser.error(f"{target} is a folder where a file is to be written; remove it")
        if target.exists() and not arguments.force:
            raise FileExistsError(f"{target} exists; pass --force or name another folder with -o")


def _words_of(arguments):
    """Return the request, for the record."""
    words = {name: getattr(arguments, name) for name in ("input", "reference", "target")}
    words = {name: None if path is None else str(path) for name, path in words.items()}
    if arguments.crop is not None:
        words["crop"] = crop_text(arguments.crop)
    return {**words, "max_time": arguments.max_time, "random_state": arguments.random_state}


def _write(output, record, reference, results, scores):
    """Write all files, or none."""
    from ..io import replacing, write_image
    from ..report import save_results

    for name, denoised in results.items():
        path = output / file_of(name)
        write_image(path, denoised.astype("float32"), overwrite=True, record=record)
    first = ... if record.data.ndim == 2 else 0
    outcomes = {outcome["method"]: outcome for outcome in scores["methods"]}
    titles = {name: title_of(outcomes[name]) for name in results}
    save_results(
        output / _PICTURE,
        record.data[first],
        {titles[name]: denoised[first] for name, denoised in results.items()},
        reference=None if reference is None else reference[first],
        notes={titles[name]: note_of(outcomes[name]) for name in results},
        calibration=record.calibration,
    )
    with replacing(output / _SCORES) as temporary:
        temporary.write_text(as_json(scores) + "\n", encoding="utf8")
