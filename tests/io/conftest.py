"""Real files of microscopes, written by other packages or byte by byte."""

import json
import struct
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from nion.data import Calibration, DataAndMetadata
from nionswift_plugin.DM_IO import dm3_image_utils


def write_dm(path, data, scale, unit, version):
    """Write DM3 or DM4 by nionswift-io; data is (n, height, width) or (height, width)."""

    def calibration(scale, unit):
        return Calibration.Calibration(offset=0.0, scale=scale, units=unit)

    calibrations = [calibration(scale, unit), calibration(scale, unit)]
    descriptor = DataAndMetadata.DataDescriptor(data.ndim == 3, 0, 2)
    if data.ndim == 3:
        calibrations.insert(0, calibration(0.04, "s"))
    recorded = DataAndMetadata.new_data_and_metadata(
        data, dimensional_calibrations=calibrations, data_descriptor=descriptor
    )
    with open(path, "wb") as file:
        dm3_image_utils.save_image(recorded, file, version)


def write_velox(path, images):
    """Write an EMD file as Velox does: {detector: (data of (height, width, n), metres)}."""
    with h5py.File(path, "w") as file:
        version = json.dumps({"format": "Velox", "version": "1.11"}).encode()
        file["Version"] = np.array([version], dtype=h5py.string_dtype())
        for number, (detector, (data, size)) in enumerate(images.items()):
            about = {
                "Core": {"MetadataDefinitionVersion": "7.9"},
                "Optics": {"AccelerationVoltage": "300000"},
                "Scan": {"FrameTime": "0.04", "DwellTime": "1e-06"},
                "BinaryResult": {
                    "Detector": detector,
                    "DetectorIndex": "0",
                    "PixelSize": {"width": str(size), "height": str(size)},
                    "PixelUnitX": "m",
                    "PixelUnitY": "m",
                    "Offset": {"x": "0", "y": "0"},
                },
                "Detectors": {"Detector-0": {"DetectorName": detector}},
                "Acquisition": {"AcquisitionStartDatetime": {"DateTime": "1500000000"}},
            }
            group = file.create_group(f"Data/Image/{number:032x}")
            group.create_dataset("Data", data=data, chunks=(*data.shape[:2], 1))
            text = np.frombuffer(json.dumps(about).encode(), np.uint8)
            group["Metadata"] = np.repeat(
                np.pad(text, (0, 4000 - text.size))[:, np.newaxis], data.shape[2], axis=1
            )
            operation = {"outputs": [{"dataLink": f"/Data/Image/{number:032x}"}]}
            link = {"dataPath": f"/Data/Image/{number:032x}", "name": detector, **operation}
            text = np.array([json.dumps(link).encode()], dtype=h5py.string_dtype())
            file[f"Operations/CameraInputOperation/{number:032x}"] = text


def write_ser(path, frames, metres):
    """Write a SER series of images byte by byte, after the description of the format."""
    n, height, width = frames.shape
    name, unit = b"Number", b""
    dimension = struct.pack("<IddII", n, 0.0, 1.0, 0, len(name)) + name
    dimension += struct.pack("<I", len(unit)) + unit
    table = 30 + len(dimension)
    head = struct.pack("<HHHIIIIII", 0x4949, 0x0197, 0x0210, 0x4122, 0x4152, n, n, table, 1)
    block = 50 + frames[0].nbytes
    start = table + 8 * n
    offsets = [start + number * (block + 8) for number in range(n)]
    tags = [offset + block for offset in offsets]
    body = struct.pack(f"<{2 * n}I", *offsets, *tags)
    for frame in frames:
        body += struct.pack("<ddiddiHII", 0.0, metres, 0, 0.0, metres, 0, 7, width, height)
        body += frame[::-1].astype("<f4").tobytes() + struct.pack("<HHI", 0x4152, 0, 1500000000)
    path.write_bytes(head + dimension + body)


@pytest.fixture
def microscope():
    """Functions that write what a microscope writes."""
    return SimpleNamespace(dm=write_dm, velox=write_velox, ser=write_ser)


@pytest.fixture
def movie(rng):
    """Three frames of 16 x 24 pixels in float32."""
    return rng.normal(size=(3, 16, 24)).astype(np.float32)
