"""CAREamics' Noise2Void with its improved network, and with a mask for noise along rows."""

import tempfile

from careamics import CAREamist
from careamics.config import create_n2v_configuration

_EPOCHS = 100


def n2v2(noisy):
    """Return the result of N2V2."""
    return _trained(noisy, use_n2v2=True)


def structn2v(noisy):
    """Return the result of structN2V, blind along five pixels of a row."""
    return _trained(noisy, struct_n2v_axis="horizontal", struct_n2v_span=5)


def _trained(noisy, **options):
    configuration = create_n2v_configuration(
        experiment_name="peer",
        data_type="array",
        axes="YX",
        patch_size=[64, 64],
        batch_size=16,
        num_epochs=_EPOCHS,
        **options,
    )
    with tempfile.TemporaryDirectory() as folder:
        careamist = CAREamist(source=configuration, work_dir=folder)
        careamist.train(train_source=noisy, val_source=noisy)
        return careamist.predict(source=noisy, data_type="array", axes="YX")[0]
