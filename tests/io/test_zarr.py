"""Zarr stores of other programs: axes of one frame, pyramids in groups, coordinates."""

import numpy as np
import pytest
import zarr

from sk_noise2sr.io import Calibration, open_frames, read_image, read_images, write_image


def write_ome(group, data, axes, scale):
    """Write a pyramid as OME-Zarr 0.4 has it."""
    kinds = {"t": ("time", "second"), "c": ("channel", None)}
    described = []
    for name in axes:
        kind, unit = kinds.get(name, ("space", "micrometer"))
        described.append({"name": name, "type": kind} | ({"unit": unit} if unit else {}))
    datasets = []
    for level in (1, 2):
        small = data[..., ::level, ::level]
        group.create_array(str(level - 1), data=small, chunks=(1,) * (data.ndim - 2) + (8, 8))
        steps = [*scale[:-2], scale[-2] * level, scale[-1] * level]
        step = {"type": "scale", "scale": steps}
        datasets.append({"path": str(level - 1), "coordinateTransformations": [step]})
    group.attrs["multiscales"] = [{"version": "0.4", "axes": described, "datasets": datasets}]


def opened(path, **options):
    return zarr.open_group(path, mode="w", zarr_format=2, **options)


@pytest.mark.parametrize(
    ("letter", "name", "scale", "unit"),
    [("t", "", 0.5, "s"), ("c", "Channel", 1.0, ""), ("z", "z", 500.0, "nm")],
)
def test_axes_of_one_frame_are_left_out(letter, name, scale, unit, tmp_path, movie):
    path = tmp_path / "a.zarr"
    place = "tcz".index(letter)
    order = np.expand_dims(movie, [axis for axis in range(3) if axis != place])
    write_ome(opened(path), order, "tczyx", [0.5, 0.5, 0.5, 0.02, 0.03])
    record = read_images(path)[0]
    np.testing.assert_array_equal(record.data, movie)
    first = record.axes[0]
    assert (first.name, first.scale, first.unit) == (name, scale, unit)
    assert record.calibration.pixel_size == pytest.approx((20, 30))
    with open_frames(path) as frames:
        np.testing.assert_array_equal(frames[2], movie[2])
    write_image(tmp_path / "b.zarr", record.data, record=record)
    assert read_images(tmp_path / "b.zarr")[0].axes == record.axes


def test_an_image_in_five_axes_and_what_has_too_many(tmp_path, movie):
    image = movie[0][None, None, None]
    write_ome(opened(tmp_path / "a.zarr"), image, "tczyx", [1, 1, 1, 0.02, 0.02])
    np.testing.assert_array_equal(read_image(tmp_path / "a.zarr")[0], movie[0])
    both = np.stack([movie, movie])[:, :, None]
    write_ome(opened(tmp_path / "b.zarr"), both, "tczyx", [1, 1, 1, 0.02, 0.02])
    with pytest.raises(ValueError, match=r"expected an image .* got the shape"):
        read_image(tmp_path / "b.zarr")


def test_a_pyramid_in_a_group_is_found_as_bioformats2raw_writes_it(tmp_path, movie):
    root = opened(tmp_path / "a.zarr")
    root.create_group("OME")
    write_ome(root.create_group("0"), movie, "tyx", [0.5, 0.02, 0.02])
    assert read_image(tmp_path / "a.zarr")[1] == Calibration((20, 20), "nm", frame_interval=0.5)
    write_ome(root.create_group("1"), movie, "tyx", [0.5, 0.02, 0.02])
    with pytest.raises(ValueError, match="of one image, got 2: 0, 1; copy one into a store"):
        read_image(tmp_path / "a.zarr")


def test_coordinates_of_xarray_are_no_images(tmp_path, movie):
    root = opened(tmp_path / "a.zarr")
    for name, data in (("image", movie), ("t", np.arange(3.0)), ("y", np.arange(16.0))):
        root.create_array(name, data=data, chunks=data.shape)
    np.testing.assert_array_equal(read_image(tmp_path / "a.zarr")[0], movie)
    root.create_array("dark", data=movie, chunks=movie.shape)
    with pytest.raises(ValueError, match="got 2: dark, image; copy one"):
        read_image(tmp_path / "a.zarr")
