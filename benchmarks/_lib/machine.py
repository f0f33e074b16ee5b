"""Where a line was measured, when, with what; and how long a call takes."""

import multiprocessing
import platform
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

import sk_noise2sr

PACKAGES = ("torch", "numpy", "scipy", "scikit-learn", "scikit-image")


def timed(function, *arguments):
    """Return wall seconds, CPU seconds and the result of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = function(*arguments)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return round(wall, 2), round(cpu, 2), result


def provenance():
    """Return machine, versions, commit and date."""
    return {
        "version": sk_noise2sr.__version__,
        "versions": {"python": platform.python_version()} | {p: version(p) for p in PACKAGES},
        "machine": {"cpu": cpu_name(), "cores": multiprocessing.cpu_count()},
        "threads": torch.get_num_threads(),
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "commit": commit(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def cpu_name():
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def commit():
    """Return the commit of this checkout, marked where files differ from it."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def resident(peak=False):
    """Return bytes in use, now or at the most since :func:`forget_peak`; on Linux."""
    name = "VmHWM" if peak else "VmRSS"
    with open("/proc/self/status", encoding="ascii") as file:
        (line,) = (line for line in file if line.startswith(name))
    return int(line.split()[1]) * 1024


def forget_peak():
    """Let the peak of memory begin now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
