"""Makes what the benchmark works on: VGG16 with random weights, as .keras and as .h5, and pictures of 224 x 224.

Usage: python make_vgg16.py FOLDER [PICTURES]
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
from PIL import Image


def random_image(seed: int) -> Image.Image:
    """A smooth random picture, 224 x 224, with some noise: no two share an intermediate value."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (7, 7, 3), dtype=np.uint8)).resize((224, 224), Image.BICUBIC)
    noisy = np.asarray(coarse, np.int16) + rng.integers(-12, 13, (224, 224, 3), dtype=np.int16)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def main() -> None:
    folder = Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        random_image(i).save(folder / f"picture_{i}.png")
    keras.utils.set_random_seed(2)
    model = keras.applications.VGG16(weights=None)
    for ending in ("keras", "h5"):
        # Written beside its place: an interrupted run leaves no half file that looks whole.
        unfinished = folder / f"unfinished.{ending}"
        model.save(unfinished)
        unfinished.replace(folder / f"vgg16.{ending}")


if __name__ == "__main__":
    main()
