"""Sentences with numbers in them."""

from sk_noise2sr._words import counted


def test_one_is_singular_all_others_are_plural():
    assert [counted(n, "file") for n in range(3)] == ["0 files", "1 file", "2 files"]
