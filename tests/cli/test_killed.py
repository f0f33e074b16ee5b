"""A batch that is killed at any moment leaves only whole files, and is gone on with."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from sk_noise2sr.io import read_image

WIENER = ["--method", "adaptivewiener"]


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def start(*words):
    code = "import sys; from sk_noise2sr.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "denoise", *words, *WIENER]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
@pytest.mark.parametrize("suffix", [".tif", pytest.param(".zarr", marks=pytest.mark.slow)])
def test_killed_at_any_moment_every_file_is_whole_and_resume_does_the_rest(
    suffix, tmp_path, monkeypatch, rng
):
    monkeypatch.chdir(tmp_path)
    for number in range(60):
        np.save(f"{number:03}.npy", rng.normal(size=(40, 40)).astype("float32"))
    words = [*sorted(os.listdir()), "-o", "clean/", "--resume", "--suffix", suffix]
    process = start(*words)
    wait_for_more_than(0, process)
    time.sleep(rng.uniform(0, 0.1))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = sorted(name for name in os.listdir("clean") if not name.startswith("."))
    for name in done:
        assert read_image(f"clean/{name}")[0].shape == (40, 40)
    process = start(*words, "--json")
    lines = lines_of(process.communicate()[0])
    assert process.returncode == 0
    assert sum(line["status"] == "skipped" for line in lines) == len(done)
    assert sum(name.endswith(suffix) and name[0] != "." for name in os.listdir("clean")) == 60


def workers_of(process):
    """Return the processes that loky has started, by /proc."""
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as file:
        children = file.read().split()
    return [int(child) for child in children if "popen_loky" in command_of(child)]


def command_of(pid):
    with open(f"/proc/{pid}/cmdline") as file:
        return file.read()


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/cmdline"), reason="reads /proc")
def test_a_worker_that_is_killed_is_told_and_resume_does_the_rest(run, tmp_path, monkeypatch, rng):
    monkeypatch.chdir(tmp_path)
    for number in range(60):
        np.save(f"{number:03}.npy", rng.normal(size=(128, 128)).astype("float32"))
    words = [*sorted(os.listdir()), "-o", "clean/", "--resume", "--json", "--jobs", "2"]
    process = start(*words)
    wait_for_more_than(5, process)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    status = {line["input"]: line["status"] for line in lines_of(out)}
    assert len(status) == 60
    assert set(status.values()) == {"done", "failed"}
    assert "files failed" in err.splitlines()[-1]
    for name, each in status.items():
        assert os.path.exists(os.path.join("clean", name)) or each == "failed"
    assert run("denoise", *words, *WIENER) == 0
    assert sum(not name.startswith(".") for name in os.listdir("clean")) == 60


def wait_for_more_than(n_done, process):
    """Wait until a new result is there."""
    while process.poll() is None:
        if os.path.isdir("clean"):
            names = [name for name in os.listdir("clean") if not name.startswith(".")]
            if len(names) > n_done:
                return
        time.sleep(0.002)
