"""Names of encoders and up-samplers, so that parameters are checked without loading torch."""

ENCODER_NAMES = frozenset(
    {
        "compact",
        "unet",
        "unet_untied",
        "dncnn",
        "uformer",
        "restormer",
        "uformer_compact",
        "restormer_compact",
    }
)
UPSAMPLER_NAMES = frozenset({"pixelshuffle", "transposed", "bilinear"})
