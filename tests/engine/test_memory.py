"""What tells that memory ran out, and limits of it in words."""

import pytest

from sk_noise2sr.engine import is_out_of_memory, read_bytes


def test_only_what_means_no_memory_is_out_of_memory():
    short = ("CUDA out of memory", "std::bad_alloc", "could not create a primitive")
    assert all(is_out_of_memory(RuntimeError(words)) for words in short)
    other = ("an illegal memory access was encountered", "unsupported memory format option")
    assert not any(is_out_of_memory(RuntimeError(words)) for words in other)


def test_less_than_a_byte_is_no_limit():
    with pytest.raises(ValueError, match="max_memory"):
        read_bytes("0.1")
