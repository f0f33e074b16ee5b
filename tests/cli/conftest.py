"""Fixtures of the command line."""

import pytest

from sk_noise2sr.engine import _fit


@pytest.fixture
def few_steps(monkeypatch):
    """Cut trainings to one crop an epoch."""
    monkeypatch.setattr(_fit, "CROPS_PER_EPOCH", 1)
