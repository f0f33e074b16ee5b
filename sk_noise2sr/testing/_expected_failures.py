"""Checks of scikit-learn that an image cannot pass: why, and what stands in their place."""

_PIXELS_BELONG_TOGETHER = (
    "rows of an image are no independent samples; "
    "check_images_of_a_stack_are_denoised_one_by_one stands in its place"
)
_NO_LABELS = (
    "the reference of an image is an image, not a label a row; "
    "check_score_against_a_reference and check_pipeline stand in its place"
)
_LINE = (
    "a single row or column of pixels may be refused with a sentence about sides; "
    "check_bad_images stands in its place"
)
EXPECTED_FAILURES = {
    "check_methods_subset_invariance": _PIXELS_BELONG_TOGETHER,
    "check_methods_sample_order_invariance": _PIXELS_BELONG_TOGETHER,
    "check_n_features_in_after_fitting": (
        "images of another size are welcome in transform; check_other_sizes stands in its place"
    ),
    "check_transformer_general": (
        "images of another size are welcome in transform; "
        "check_same_seed and check_other_sizes stand in its place"
    ),
    "check_fit_score_takes_y": _NO_LABELS,
    "check_pipeline_consistency": _NO_LABELS,
    "check_fit2d_1sample": _LINE,
    "check_fit2d_1feature": _LINE,
}
