"""Writes resizing.json: small images as Pillow and Keras resize them.

    python test/unit/inputs/make_resizing.py
"""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import PIL
from PIL import Image

SIZES = [((7, 11), (5, 6)), ((5, 4), (9, 13)), ((31, 17), (8, 8)), ((6, 9), (6, 4)), ((3, 10), (7, 7)), ((64, 37), (3, 10))]
MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def resized(image, height, width, how):
    if how.startswith("pil"):
        picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image, MODES[image.shape[-1]])
        filters = {"pil-nearest": Image.NEAREST, "pil-bilinear": Image.BILINEAR}
        return np.array(picture.resize((width, height), filters[how])).reshape(height, width, -1)
    options = {"crop": {"crop_to_aspect_ratio": True}, "letterbox": {"pad_to_aspect_ratio": True}, "bilinear": {}}[how]
    return np.array(keras.ops.image.resize(image.astype("float32"), (height, width), **options))


def main():
    random = np.random.default_rng(10)
    cases = []
    for (inner, outer), channels in [(sizes, c) for sizes in SIZES for c in MODES]:
        if channels == 4 and inner[0] > 10:
            continue
        image = random.integers(0, 256, (*inner, channels), dtype=np.uint8)
        expected = {}
        for how in ["bilinear", "pil-nearest", "pil-bilinear", "crop", "letterbox"]:
            values = resized(image, *outer, how)
            expected[how] = [round(float(v), 4) for v in values.ravel()]
        cases.append({"size": [*inner, channels], "to": outer, "image": image.ravel().tolist(), "expected": expected})
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "resizing.json")
    with open(path, "w", encoding="utf-8") as file:
        versions = {"keras": keras.__version__, "pillow": PIL.__version__}
        json.dump({"versions": versions, "cases": cases}, file, separators=(",", ":"))
        file.write("\n")


main()
