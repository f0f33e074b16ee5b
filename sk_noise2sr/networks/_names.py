"""What encoders and up-samplers are called: parameters are checked without loading torch."""

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
