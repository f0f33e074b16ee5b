"""Fixtures of the command line."""

import pytest

from sk_noise2sr.base import _training


@pytest.fixture
def few_steps(monkeypatch):
    """Cut trainings to one crop an epoch."""
    monkeypatch.setattr(_training, "CROPS_PER_EPOCH", 1)
