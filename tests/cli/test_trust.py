"""Maps beside a result: what a user asks for with --evidence and --error-bars."""

import json

import numpy as np
import pytest
from skimage.io import imread

from sk_noise2sr import VSTBM3D
from sk_noise2sr.io import Calibration, read_image, read_provenance, write_image
from sk_noise2sr.noise import PoissonGaussian
from sk_noise2sr.trust import ErrorBars, evidence_map

ROWS, COLUMNS = np.mgrid[:64, :64]
SPOT = np.exp(-((ROWS - 30) ** 2 + (COLUMNS - 34) ** 2) / 18)
BLUR = ["--method", "adaptivewiener", "--window", "31", "--noise", "100"]  # leaves out the spot
FILTER = ["--method", "vstbm3d"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Step into a folder with a spot in noise, alone and in a stack."""
    monkeypatch.chdir(tmp_path)
    noise = PoissonGaussian(0.05, 0.02)
    noisy = [noise.sample(1 + height * SPOT, 0).astype("float32") for height in (1, 0)]
    write_image("frame.tif", noisy[0], Calibration((0.02, 0.02), "nm"))
    write_image("stack.tif", np.stack(noisy))
    return tmp_path


def test_a_lost_spot_is_counted_and_in_the_map(run, folder, capsys):
    assert run("denoise", "frame.tif", "--evidence", *BLUR) == 0
    assert "1 significant place (1 shown too little, 0 too much)" in capsys.readouterr().out
    noisy, denoised = (read_image(name)[0] for name in ("frame.tif", "frame_denoised.tif"))
    z, calibration = read_image("frame_denoised_evidence.tif")
    np.testing.assert_allclose(z, evidence_map(noisy, denoised).z, atol=0.02)
    assert calibration.pixel_size == pytest.approx((0.02, 0.02))
    assert "standard errors" in read_provenance("frame_denoised_evidence.tif")["content"]


def test_evidence_takes_the_noise_that_is_told(run, folder):
    assert run("denoise", "frame.tif", "--evidence", *FILTER, "--noise", "0.1,0.02") == 0
    noisy, denoised = (read_image(name)[0] for name in ("frame.tif", "frame_denoised.tif"))
    z = read_image("frame_denoised_evidence.tif")[0]
    expected = evidence_map(noisy, denoised, PoissonGaussian(0.1, 0.02)).z
    np.testing.assert_allclose(z, expected, atol=0.02)
    assert abs(z - evidence_map(noisy, denoised).z).max() > 0.1


def test_a_map_of_a_stack_has_its_frames_and_filled_pixels_are_no_evidence(run, folder, capsys):
    frames = read_image("stack.tif")[0]
    frames[1, 50, 50] = 90
    write_image("stack.tif", frames, overwrite=True)
    with pytest.warns(UserWarning, match="1 of 8192 pixels are bad"):
        assert run("denoise", "stack.tif", "--evidence", *BLUR) == 0
    assert "1 significant place (1 shown too little" in capsys.readouterr().out
    z = read_image("stack_denoised_evidence.tif")[0]
    assert np.argwhere(np.isnan(z)).tolist() == [[1, 50, 50]]
    assert z[0, 30, 34] > 6 > np.nanmax(np.abs(z[1]))


def test_error_bars_are_those_of_the_class_and_the_result_that_of_the_method(run, folder, capsys):
    assert run("denoise", "frame.tif", "-o", "plain.tif", *FILTER) == 0
    assert run("denoise", "frame.tif", "--error-bars", *FILTER) == 0
    plain, denoised, std = (
        read_image(name)[0]
        for name in ("plain.tif", "frame_denoised.tif", "frame_denoised_std.tif")
    )
    np.testing.assert_array_equal(denoised, plain)
    bars = ErrorBars(VSTBM3D(), random_state=0, verbose=0).fit(read_image("frame.tif")[0])
    expected = bars.transform(read_image("frame.tif")[0], return_std=True)[1]
    np.testing.assert_array_equal(std, expected.astype(std.dtype))
    assert f"standard error {np.median(std):.3g} in the median" in capsys.readouterr().out
    assert read_provenance("frame_denoised.tif")["denoiser"] == "VSTBM3D"


def test_picture_and_page_show_both(run, folder, capsys):
    words = ["--evidence", "--error-bars", "--picture", "look.png", "--report", "page.html"]
    assert run("denoise", "frame.tif", *words, *FILTER) == 0
    text = (folder / "page.html").read_text("utf8")
    assert '"title":"Standard error"' in text
    assert '"title":"Evidence"' in text
    assert run("denoise", "frame.tif", "--picture", "less.png", "--force", *FILTER) == 0
    wide, narrow = (imread(name).shape for name in ("look.png", "less.png"))
    assert wide[1] / wide[0] == pytest.approx(narrow[1] / narrow[0] * 5 / 3, rel=0.05)


def test_a_preview_counts_and_writes_nothing(run, folder, capsys):
    assert run("denoise", "frame.tif", "--preview", "--evidence", "--picture", "p.png", *BLUR) == 0
    assert "1 significant place" in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == ["frame.tif", "p.png", "stack.tif"]


def test_a_batch_writes_maps_and_resume_misses_none(run, folder, capsys):
    words = ["denoise", "frame.tif", "stack.tif", "-o", "out/", "--json", *BLUR]
    assert run(*words, "--evidence") == 0
    lines = {line["input"]: line for line in map(json.loads, capsys.readouterr().out.splitlines())}
    facts = lines["stack.tif"]["evidence"]
    assert facts["places"] == facts["too_little"] == 1
    assert read_image(facts["output"])[0].shape == (2, 64, 64)
    assert run(*words, "--evidence", "--resume") == 0
    assert capsys.readouterr().out.count('"skipped"') == 2
    (folder / "out" / "stack_evidence.tif").unlink()
    assert run(*words, "--evidence", "--resume") == 0
    told = capsys.readouterr()
    assert "stack_evidence.tif is missing; it is made again" in told.err
    assert told.out.count('"skipped"') == 1
    assert (folder / "out" / "stack_evidence.tif").exists()


def test_what_is_there_is_replaced_by_force_alone_and_no_input_ever(run, folder, capsys):
    (folder / "frame_denoised_evidence.tif").write_text("mine")
    assert run("denoise", "frame.tif", "--evidence", *BLUR) == 1
    assert "frame_denoised_evidence.tif exists; pass --force" in capsys.readouterr().err
    assert not (folder / "frame_denoised.tif").exists()
    (folder / "frame.tif").rename(folder / "a_evidence.tif")
    assert run("denoise", "a_evidence.tif", "-o", "a.tif", "--evidence", "--force", *BLUR) == 2
    assert "a_evidence.tif is an input" in capsys.readouterr().err
    (folder / "a.tif").write_bytes((folder / "a_evidence.tif").read_bytes())
    assert run("denoise", "a.tif", "a_evidence.tif", "-o", "out/", "--evidence", *BLUR) == 2
    assert "would both become" in capsys.readouterr().err


def test_an_image_without_noise_is_said_to_have_none(run, folder, capsys):
    write_image("flat.npy", np.full((32, 32), 3.0))
    assert run("denoise", "flat.npy", "--evidence", "--error-bars", *FILTER) == 0
    assert "no noise to compare with, standard error 0" in capsys.readouterr().out
    assert np.isnan(np.load("flat_denoised_evidence.npy")).all()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--error-bars", "--preview"], "--error-bars is not for --preview"),
        (["--evidence", "--fit-frames", "1"], "--evidence is not for movies in parts"),
        (["--error-bars", "--fit-frames", "1"], "--error-bars is not for movies in parts"),
        (
            ["--error-bars", "--method", "noise2noise", "--target", "frame.tif"],
            "--error-bars adds new noise to IN, and noise2noise would need a new target",
        ),
    ],
)
def test_what_cannot_work_is_refused_before_any_work(run, folder, capsys, words, message):
    assert run("denoise", "stack.tif", *words) == 2
    assert message in capsys.readouterr().err
    assert not (folder / "stack_denoised.tif").exists()


def test_what_comes_back_as_it_was_has_no_standard_error(run, folder):
    """It was 0 there, as if the noisy pixels were exact."""
    noisy = read_image("frame.tif")[0].copy()
    noisy[-12:] = 0
    noisy[:9] = np.nan
    write_image("bands.tif", noisy)
    assert run("denoise", "bands.tif", "--error-bars", "--report", "r.html", *FILTER) == 0
    std = read_image("bands_denoised_std.tif")[0]
    assert np.isnan(std[-12:]).all()
    assert np.isnan(std[:9]).all()
    assert (std[9:-12] > 0).all()
