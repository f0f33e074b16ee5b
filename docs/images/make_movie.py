"""Draw a particle that turns and loses a column, seen frame by frame and along time: movie.gif."""

from pathlib import Path

import numpy as np
from PIL import Image

from sk_noise2sr import Noise2SR, datasets

SEED, FRAMES, SIDE = 0, 7, 96

clean, noisy = datasets.make_movie("rotation", (SIDE, SIDE), FRAMES, random_state=SEED)
alone, along = (
    Noise2SR(context=context, random_state=SEED, verbose=0).fit_transform(noisy)
    for context in (0, 2)
)
wide = np.concatenate([noisy, alone, along, clean], axis=2)
low, high = clean.min() - 0.1, clean.max() + 0.1
grey = np.uint8(np.clip((wide - low) / (high - low), 0, 1) * 63) * 4  # 64 greys: a small file
frames = [Image.fromarray(one) for one in grey]
path = Path(__file__).with_name("movie.gif")
frames[0].save(path, save_all=True, append_images=frames[1:], duration=250, loop=0)
