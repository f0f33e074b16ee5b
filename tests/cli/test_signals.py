"""Signals that end a program: nothing half-written, the index of what was done, and a line."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from sk_noise2sr.cli import main
from sk_noise2sr.io import read_image

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_a_batch_that_is_ended_ends_in_order(tmp_path, monkeypatch, rng, name, jobs):
    monkeypatch.chdir(tmp_path)
    for image in range(60):
        np.save(f"{image:03}.npy", rng.normal(size=(96, 96)).astype("float32"))
    words = [*sorted(os.listdir()), "-o", "clean/", "--report", "index.html", "--jobs", jobs]
    command = [sys.executable, "-m", "sk_noise2sr", "denoise", *words, "--method", "vstbm3d"]
    number = getattr(signal, name)
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # nohup ignores it
    )
    while process.poll() is None and not (os.path.isdir("clean") and len(os.listdir("clean")) > 5):
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    done = [path for path in os.listdir("clean") if path.endswith(".npy")]
    assert process.returncode == 1
    assert len(done) < 60
    assert err.splitlines()[-1].startswith("sk-noise2sr: interrupted; ")
    assert sorted(os.listdir("clean")) == sorted([*done, *(f"{path}.html" for path in done)])
    assert len(out.splitlines()) <= len(done)
    assert os.path.exists("index.html")
    for path in done:
        assert read_image(f"clean/{path}")[0].shape == (96, 96)


def test_handlers_are_those_that_were(tmp_path):
    def mine(*arguments):
        """Do nothing."""

    np.save(tmp_path / "a.npy", np.random.default_rng(0).normal(size=(32, 32)))
    before, hang_up = signal.signal(signal.SIGTERM, mine), signal.getsignal(signal.SIGHUP)
    try:
        assert main(["denoise", str(tmp_path / "a.npy"), "--method", "adaptivewiener"]) == 0
        assert signal.getsignal(signal.SIGTERM) is mine
        assert signal.getsignal(signal.SIGHUP) is hang_up
    finally:
        signal.signal(signal.SIGTERM, before)
