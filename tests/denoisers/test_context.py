"""Noise2SR on movies: what a frame is predicted from, and what stays as it was."""

import pickle

import numpy as np
import pytest
import torch

from sk_noise2sr import Noise2SR, Training, datasets
from sk_noise2sr._symmetries import turn, turn_back
from sk_noise2sr.metrics import psnr
from sk_noise2sr.networks import make_super_resolution_network
from sk_noise2sr.persistence import load, save


@pytest.fixture(scope="module")
def movie():
    return datasets.make_movie("drift", (48, 40), 6, random_state=0)[1]


@pytest.fixture(scope="module")
def fitted(movie):
    """Return a fit with one frame on each side; tests leave it as it is."""
    training = Training(crop_size=16)
    small = {"epochs": 2, "binning": 1, "M": 4, "random_state": 0, "verbose": 0}
    return Noise2SR(context=1, training=training, **small).fit(movie)


def test_without_context_frames_are_what_they_are_alone(hurried, movie):
    denoiser = hurried(Noise2SR, context=0).fit(movie)
    assert denoiser.context_.reach == 0
    alone = np.stack([denoiser.transform(frame) for frame in movie])
    np.testing.assert_array_equal(denoiser.transform(movie), alone)


@pytest.mark.parametrize("sampling", ["random", "rows", "columns", "fixed", "all_but_one"])
def test_a_prediction_sees_its_neighbours_and_not_its_pixel(predictor, hurried, movie, sampling):
    denoiser = hurried(Noise2SR, context=1, sampling=sampling).fit(movie)

    def first_pass(frame):
        return next(predictor(denoiser).passes(frame))

    frame = torch.from_numpy(movie[None, :3])
    prediction, unseen = first_pass(frame)
    if sampling == "all_but_one":  # every pixel is hidden, in one of several turns
        unseen = torch.zeros_like(unseen)
        unseen[..., 12, 20] = True
    altered, other = frame.clone(), frame.clone()
    altered[:, :1] += 100 * unseen
    assert torch.equal(first_pass(altered)[0][unseen], prediction[unseen])
    other[:, 1:] += 1
    assert not torch.equal(first_pass(other)[0], prediction)


@pytest.mark.parametrize("symmetry", range(8))
@pytest.mark.parametrize("stride", [2, 3])
def test_a_turned_network_sees_turned_neighbours(symmetry, stride):
    torch.manual_seed(0)
    network = make_super_resolution_network(
        "compact", stride, n_neighbours=2, encoder_options={"n_levels": 1}
    ).eval()
    for weights in network.decoder[-1].parameters():
        torch.nn.init.normal_(weights)
    kept = torch.randn(1, 1, 6, 8)
    around = torch.randn(1, 2, 6 * stride, 8 * stride)
    turned = network(turn(kept, symmetry), 0, turn(around, symmetry))
    with torch.no_grad():
        torch.testing.assert_close(
            network(kept, symmetry, around), turn_back(turned, symmetry), atol=1e-5, rtol=0
        )


@pytest.mark.parametrize("n_frames", [2, 6])
def test_all_frames_come_back(hurried, movie, n_frames):
    denoiser = hurried(Noise2SR, context=2, held_out=0.02).fit(movie[:n_frames])
    denoised, spread = denoiser.transform(movie[:n_frames], return_spread=True)
    assert denoiser.context_.reach == 2
    assert denoised.shape == spread.shape == (n_frames, 48, 40)
    assert denoised.dtype == movie.dtype
    assert np.isfinite(denoised).all()
    assert np.isfinite(denoiser.score(movie[:n_frames]))


def test_one_network_serves_movies_of_any_length_and_size(fitted, movie):
    assert fitted.transform(movie[0]).shape == (48, 40)
    longer = np.concatenate([movie, movie[::-1]])[:, :37, :39]
    assert fitted.transform(longer).shape == (12, 37, 39)


def test_a_single_image_has_no_context(hurried, movie):
    assert hurried(Noise2SR, context=2).fit(movie[0]).context_.reach == 0


def test_a_frame_depends_on_near_frames_alone(fitted, movie):
    altered = movie.copy()
    altered[5] += np.random.default_rng(0).normal(size=movie[5].shape)
    changed = np.any(fitted.transform(altered) != fitted.transform(movie), axis=(1, 2))
    assert fitted.context_.delay == 3  # one for the network, two for the filter
    np.testing.assert_array_equal(changed, [False, False, True, True, True, True])


def test_frames_one_by_one_are_those_of_the_whole_movie(fitted, movie):
    frames = np.stack(list(fitted.transform_frames(iter(movie))))
    np.testing.assert_array_equal(frames, fitted.transform(movie))


def test_tiles_give_what_the_whole_frame_gives(predictor, hurried, movie):
    def encoder(n_in, n_out):
        return torch.nn.Conv2d(n_in, n_out, 5, padding=2)

    denoiser = hurried(Noise2SR, context=1, refine=False, encoder=encoder).fit(movie)
    wide = np.tile(movie, (1, 4, 4))[:3]
    whole = denoiser.transform(wide)
    denoiser.fit_.measured.tile_pixels = 96**2
    assert len(predictor(denoiser).tiles(192, 160)) > 1
    np.testing.assert_allclose(denoiser.transform(wide), whole, atol=1e-5)


def test_constant_regions_and_frames_come_back_to_the_bit(hurried, movie):
    movie = movie.copy()
    movie[:, 30:36, 4:30] = 3.0
    movie[2] = 1.0
    with pytest.warns(UserWarning, match="no picture"):
        denoiser = hurried(Noise2SR, context=1).fit(movie)
    denoised = denoiser.transform(movie)
    np.testing.assert_array_equal(denoised[:, 30:36, 4:30], movie[:, 30:36, 4:30])
    np.testing.assert_array_equal(denoised[2], movie[2])


def test_fits_are_pickled_saved_and_adapted(fitted, movie, tmp_path):
    movie = movie[:3]
    expected = fitted.transform(movie)
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.transform(movie), expected)
    save(fitted, tmp_path / "movie.safetensors")
    np.testing.assert_array_equal(load(tmp_path / "movie.safetensors").transform(movie), expected)
    assert copy.partial_fit(movie).context_.reach == 1


@pytest.mark.parametrize("context", [-1, 1.5, "always"])
def test_a_wrong_context_is_named(movie, context):
    with pytest.raises(ValueError, match="'context' parameter of Noise2SR"):
        Noise2SR(context=context).fit(movie)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["still", "drift", "rotation"])
def test_neighbours_help(kind):
    clean, noisy = datasets.make_movie(kind, (96, 96), 5, random_state=0)
    level = {
        context: np.mean(
            [
                psnr(*pair)
                for pair in zip(
                    clean,
                    Noise2SR(context=context, random_state=0, verbose=0).fit_transform(noisy),
                    strict=True,
                )
            ]
        )
        for context in (0, 2)
    }
    assert level[2] > level[0] + 1
