"""Fixtures of the command line."""

import pytest

from sk_noise2sr.engine import _plan


@pytest.fixture
def few_steps(monkeypatch):
    """Cut trainings to one crop an epoch."""
    monkeypatch.setattr(_plan, "CROPS_PER_EPOCH", 1)
