"""What tells that memory ran out, and limits of it in words."""

import pytest
import torch

from sk_noise2sr.engine import bytes_per_pixel, is_out_of_memory, read_bytes


def test_only_what_means_no_memory_is_out_of_memory():
    short = ("CUDA out of memory", "std::bad_alloc", "could not create a primitive")
    assert all(is_out_of_memory(RuntimeError(words)) for words in short)
    other = ("an illegal memory access was encountered", "unsupported memory format option")
    assert not any(is_out_of_memory(RuntimeError(words)) for words in other)


def test_less_than_a_byte_is_no_limit():
    with pytest.raises(ValueError, match="max_memory"):
        read_bytes("0.1")


def test_functions_count_as_layers_do_and_weights_do_not():
    layer = torch.nn.Conv2d(1, 4, 1)

    def predict(image):
        features = torch.conv2d(image, layer.weight.detach(), layer.bias)
        return torch.relu(features).mean(dim=1, keepdim=True)

    assert bytes_per_pixel(predict, layer, side=8) == 4 * (4 + 4 + 1)
