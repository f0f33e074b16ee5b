"""Uformer and Restormer: published sizes and costs, and attention as its formulas say."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from sk_noise2sr.networks import (
    ENCODERS,
    Restormer,
    Uformer,
    make_denoising_network,
    make_super_resolution_network,
)
from sk_noise2sr.networks._restormer import _ChannelAttention
from sk_noise2sr.networks._uformer import _WindowAttention

TRANSFORMERS = ["uformer", "restormer", "uformer_compact", "restormer_compact"]


def for_noise2self(encoder):
    return make_denoising_network(encoder), torch.zeros(1, 1, 128, 128)


def for_noise2sr(encoder):
    return make_super_resolution_network(encoder, 2), torch.zeros(1, 1, 64, 64)


@pytest.mark.parametrize(
    ("make", "encoder", "published", "all_there_are"),
    [
        pytest.param(for_noise2self, "unet", 4.614, 3.26, marks=pytest.mark.slow),
        pytest.param(for_noise2self, "uformer", 10.16, 10.22, marks=pytest.mark.slow),
        pytest.param(for_noise2self, "restormer", 35.21, 38.68, marks=pytest.mark.slow),
        (for_noise2sr, "unet", 6.818, 6.48),
        (for_noise2sr, "uformer", 4.124, 4.14),
        (for_noise2sr, "restormer", 11.59, 12.46),
    ],
)
def test_multiplications_are_those_of_table_3(make, encoder, published, all_there_are):
    """In 10**9 for 128 x 128 pixels.

    The paper's counter leaves out the products of attention, which belong to no layer, and
    counts a transposed convolution once for each pixel of its output rather than of its input.
    """
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        network, image = make(encoder)
        network.eval()(image)
    total = counter.get_total_flops() / 2e9
    assert total == pytest.approx(all_there_are, rel=0.005)
    counts = counter.get_flop_counts()
    attention = counts["Global"].get(torch.ops.aten.bmm, 0) / 2e9
    twice_as_large = sum(
        sum(counts[f"{type(network).__name__}.{name}"].values()) / 2e9
        for name, layer in network.named_modules()
        if isinstance(layer, nn.ConvTranspose2d)
    )
    assert total - attention + 3 * twice_as_large == pytest.approx(published, rel=0.005)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (Uformer, 20_748_890),
        (lambda: Uformer(modulated=False), 20_626_010),
        (Restormer, 26_123_188),
    ],
)
def test_number_of_parameters(make, expected):
    with torch.device("meta"):
        assert sum(weights.numel() for weights in make().parameters()) == expected


@pytest.mark.parametrize(("encoder", "features"), [("uformer", 64), ("restormer", 96)])
def test_features_that_the_decoder_gets(encoder, features):
    assert ENCODERS[encoder][1] == features


@pytest.mark.parametrize("encoder", ["uformer_compact", "restormer_compact"])
@pytest.mark.parametrize("shape", [(2, 2), (5, 33), (31, 18), (64, 48)])
def test_any_side(encoder, shape):
    network, images = make_denoising_network(encoder).eval(), torch.rand(2, 1, *shape)
    with torch.inference_mode():
        assert network(images).shape == images.shape


@pytest.mark.parametrize("encoder", TRANSFORMERS)
def test_images_of_a_batch_do_not_see_one_another(encoder):
    torch.manual_seed(0)
    make, n_features, _ = ENCODERS[encoder]
    network = make(1, n_features).eval()
    images = torch.randn(2, 1, 16, 32)
    with torch.inference_mode():
        together, alone = network(images), torch.cat([network(image[None]) for image in images])
    assert together.std() > 0.01
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("sides", [(8, 12), (10, 7), (3, 9)])
@pytest.mark.parametrize("moved", [False, True])
def test_window_attention_is_attention_within_windows(sides, moved):
    """As one attention over all pixels, shut but for those of the same window."""
    torch.manual_seed(0)
    attention = _WindowAttention(6, n_heads=2, window=4, moved=moved, modulated=False).double()
    nn.init.normal_(attention.bias)
    tokens = torch.randn(2, *sides, 6, dtype=torch.double)
    steps = [2 if moved and side > 4 else 0 for side in sides]
    places = torch.cartesian_prod(*map(torch.arange, sides))
    windows = (places - torch.tensor(steps)) // 4
    same = (windows[:, None] == windows).all(-1)
    down, right = (places[:, None] - places + 3).unbind(-1)
    bias = attention.bias[:, down.clamp(0, 6), right.clamp(0, 6)]
    queries, keys, values = attention.project(tokens.flatten(1, 2)).chunk(3, dim=-1)
    gathered = []
    for head, channels in enumerate((slice(0, 3), slice(3, 6))):
        scores = queries[..., channels] @ keys[..., channels].mT / 3**0.5 + bias[head]
        weights = scores.masked_fill(~same, -torch.inf).softmax(-1)
        gathered.append(weights @ values[..., channels])
    expected = attention.out(torch.cat(gathered, dim=-1)).reshape(tokens.shape)
    torch.testing.assert_close(attention(tokens), expected)


def test_channel_attention_is_its_formula():
    torch.manual_seed(0)
    attention = _ChannelAttention(6, n_heads=2)
    nn.init.uniform_(attention.temperature, 1, 5)
    tokens = torch.randn(2, 5, 7, 6)
    queries, keys, values = attention.project(tokens).movedim(-1, 1).flatten(2).chunk(3, dim=1)
    gathered = []
    for head, channels in enumerate((slice(0, 3), slice(3, 6))):
        unit_queries, unit_keys = (F.normalize(t[:, channels], dim=-1) for t in (queries, keys))
        weights = (attention.temperature[head] * unit_queries @ unit_keys.mT).softmax(-1)
        gathered.append(weights @ values[:, channels])
    mixed = torch.cat(gathered, dim=1).unflatten(-1, (5, 7)).movedim(1, -1)
    torch.testing.assert_close(attention(tokens), attention.out(mixed))


def test_left_out_layers_come_from_the_seed_of_the_weights():
    outputs = []
    for _ in range(2):
        torch.manual_seed(0)
        encoder = Uformer(1, 8, n_levels=1, n_features=4, drop_path=0.5)
        state = torch.get_rng_state()
        outputs.append([encoder(torch.ones(4, 1, 8, 8)) for _ in range(2)])
        assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(outputs[0][0], outputs[1][0])
    assert not torch.equal(*outputs[0])
    encoder.eval()
    assert torch.equal(*(encoder(torch.ones(1, 1, 8, 8)) for _ in range(2)))


def test_published_restormer_changes_its_input():
    network = make_denoising_network("restormer")
    nn.init.zeros_(network.head.weight)
    nn.init.zeros_(network.head.bias)
    images = torch.randn(1, 1, 9, 12)
    with torch.inference_mode():
        assert torch.equal(network(images), images)
