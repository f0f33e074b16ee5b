"""Table III: encoders in Noise2SR and Noise2Self, with multiplications and weights.

    python -m benchmarks.paper.table3 FILE.jsonl [--images DIR]

With "--methods noise2sr,noise2self,fbidenoiser" FBI-Net is measured too, at its published size.
With "--encoders compact,uformer_compact,restormer_compact" (the default, for a CPU) the published
sizes are left out; "--encoders unet,uformer,restormer --budget full" on a GPU measures what the
paper did. "--set max_time=60" gives all the same time. "G" counts all multiplications for
128 x 128 pixels, in 10**9; "paper G" is what the paper's counter saw. "difference" is to the first
encoder on the same noisy images, with its spread over seeds and images.
"""

import sys

import torch
from torch.utils.flop_counter import FlopCounterMode

from sk_noise2sr.networks import FBINet, make_denoising_network, make_super_resolution_network

from .._lib.tables import grouped
from .ablations import (
    EXPECTED,
    cpu_seconds,
    difference,
    parse,
    published_image,
    quality,
    tell,
)

ENCODERS = "compact,uformer_compact,restormer_compact"
METHODS = "noise2self,noise2sr"
HEADER = (
    "method, encoder", "n", "paper, dB / SSIM", "PSNR, dB", "SSIM", "difference", "steps", "CPU s",
    "paper G", "G", "weights",
)  # fmt: skip


def main(argv=None):
    """Measure if asked to, and print."""
    arguments = parse(__doc__, argv, encoders=ENCODERS, methods=METHODS)
    methods = arguments.methods.split(",")
    variants = [
        (method, {"encoder": encoder}, [{"M": 50}] if method == "noise2sr" else [{}])
        for method in methods
        if method != "fbidenoiser"
        for encoder in arguments.encoders.split(",")
    ]
    if "fbidenoiser" in methods:  # it has no encoder, but a network of its own
        variants.append(("fbidenoiser", {"n_features": 64}, [{}]))
    tell("Table III", arguments, variants, HEADER, rows)
    return 0


def rows(lines):
    """Yield one row for each method and encoder."""
    first = {}
    for (method, encoder), group in grouped(lines, "method", "encoder").items():
        first.setdefault(method, group)
        name = f"{method}, {encoder}" if encoder else method
        multiplications, weights = size(method, encoder, group[0]["binning"])
        yield (
            name,
            str(len(group)),
            published_image("table3", name, group),
            *quality(group),
            difference(group, first[method]) if group is not first[method] else "",
            f"{group[0]['steps']}",
            cpu_seconds(group),
            str(EXPECTED["table3"].get(name, {}).get("multiplications", "")),
            f"{multiplications:.2f}",
            f"{weights:,}",
        )


def size(method, encoder, binning):
    """Return 10**9 multiplications for 128 x 128 pixels, and the number of weights."""
    options = {"compact": {"n_levels": 3 if binning > 1 else 4}, "dncnn": {"n_layers": 8}}
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        if method == "fbidenoiser":
            network = FBINet()
        elif method == "noise2sr":
            options.pop("dncnn")
            network = make_super_resolution_network(
                encoder, 2, encoder_options=options.get(encoder)
            )
        else:
            network = make_denoising_network(encoder, encoder_options=options.get(encoder))
        network(torch.zeros(1, 1, *[128 // getattr(network, "stride", 1)] * 2))
    weights = sum(parameter.numel() for parameter in network.parameters())
    return counter.get_total_flops() / 2e9, weights


if __name__ == "__main__":
    sys.exit(main())
