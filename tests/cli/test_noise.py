"""What a file declares about its noise is used, unless the user says otherwise."""

import numpy as np
import pytest
import zarr

from sk_noise2sr.cli import main
from sk_noise2sr.io import hyperspy_noise, read_images, write_image


@pytest.fixture
def declared(tmp_path, noisy):
    """Return the path of an image whose file declares its noise."""
    write_image(tmp_path / "plain.hspy", np.stack([noisy] * 2))
    record = read_images(tmp_path / "plain.hspy")[0]
    line = {"Noise_properties": {"Variance_linear_model": hyperspy_noise(0.3, 0.1)}}
    record.metadata["metadata"]["Signal"].update(line)
    write_image(tmp_path / "noisy.hspy", record.data, record=record)
    return tmp_path / "noisy.hspy"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], (0.3, 0.1)),
        (["--fit-frames", "2"], (0.3, 0.1)),
        (["--noise", "(0.5, 0.2)"], (0.5, 0.2)),
    ],
)
def test_declared_noise_is_used_and_goes_on_in_the_result(words, expected, declared, tmp_path):
    output = tmp_path / "clean.zarr"
    words = ["denoise", declared, "-o", output, "--method", "vstbm3d", *words]
    assert main(list(map(str, words))) == 0
    noise = provenance(output)["noise"]
    assert (noise["a"], noise["b"]) == pytest.approx(expected)
    assert noise["gain_factor"] == pytest.approx(expected[0])


def provenance(path):
    return dict(zarr.open_group(path, mode="r").attrs)["sk_noise2sr"]
