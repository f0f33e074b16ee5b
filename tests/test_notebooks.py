"""What a notebook shows: estimators with a link to their page, and all names after a dot."""

import importlib
import pkgutil

import pytest

import sk_noise2sr
from sk_noise2sr import Noise2SR, Training, compose
from sk_noise2sr.base import BaseDenoiser

FOLDERS = [folder.name for folder in pkgutil.iter_modules(sk_noise2sr.__path__) if folder.ispkg]


@pytest.mark.parametrize(
    ("estimator", "page"),
    [
        (Noise2SR(), "denoisers.Noise2SR"),
        (Training(), "engine.Training"),
        (compose.HotPixelFilter(), "compose.HotPixelFilter"),
        (compose.AnscombeTransformer(), "compose.AnscombeTransformer"),
    ],
)
def test_estimators_link_to_their_pages(monkeypatch, estimator, page):
    monkeypatch.setenv("SK_NOISE2SR_DOCS", "https://docs.example/")
    address = f"https://docs.example/api/generated/sk_noise2sr.{page}.html"
    assert f'href="{address}"' in estimator._repr_html_()
    monkeypatch.setenv("SK_NOISE2SR_DOCS", "")
    assert "api/generated" not in estimator._repr_html_()


def test_a_class_from_elsewhere_gets_no_link(monkeypatch):
    class Mine(BaseDenoiser):
        pass

    monkeypatch.setenv("SK_NOISE2SR_DOCS", "https://docs.example")
    assert "docs.example" not in Mine()._repr_html_()


def test_all_names_are_listed():
    assert {"__version__", "denoise", *FOLDERS} <= {*dir(sk_noise2sr), "_napari"}
    for folder in FOLDERS:
        module = importlib.import_module(f"sk_noise2sr.{folder}")
        for name in getattr(module, "__all__", ()):
            assert name in dir(module)
            assert getattr(module, name) is not None
