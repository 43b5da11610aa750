"""Writes what `npm run evaluate` and the tests of the verdict need besides the samples. About ten minutes on two cores.

    python samples/make_held_out.py [inputs] [models]

Into test/fixtures/held_out/:
- 200 inputs for each of samples 1, 3 and 4 that no model was trained on, and in truth.json where the evidence of each lies;
- the networks of these samples trained on shuffled labels.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "make"))

import common  # noqa: E402  (first: it sets TensorFlow's environment)
import binary  # noqa: E402
import cat_or_dog  # noqa: E402
import numpy as np  # noqa: E402
import sequence  # noqa: E402
from ml_dtypes import bfloat16
from PIL import Image  # noqa: E402
from sklearn.datasets import load_digits  # noqa: E402

FOLDER = common.FIXTURES / "held_out"
COUNT = 200
# Of WebP: a texture takes a sixth of what it takes without loss.
QUALITY = 80


def sequences(rng) -> list[dict]:
    """DNA with CG planted once to four times; the evidence is the two letters of each."""
    letters = sequence.background(rng, COUNT)
    for one in letters:
        for position in rng.integers(0, sequence.LENGTH - 1, rng.integers(1, 5)):
            sequence.plant(one, position)
    hot = (letters[..., None] == np.arange(4)).astype(np.uint8)
    np.savez_compressed(FOLDER / "1-sequence.npz", letters=hot)
    return [{"label": 1, "regions": [[[int(start), int(start) + 2]] for start in starts]}
            for starts in (np.flatnonzero((one[:-1] == sequence.C) & (one[1:] == sequence.G)) for one in letters)]


def digits(rng) -> list[dict]:
    """A digit on gravel; the evidence lies in its box. That of a disc does not count: it may as well be that there is no digit."""
    known = load_digits().images
    found = []
    for i in range(COUNT):
        grey, box = binary.picture(rng, known, "digit")
        save_image("3-binary", i, grey)
        found.append({"label": 1, "regions": [region(box)]})
    return found


def animals(rng) -> list[dict]:
    """Cats and dogs in turns; the evidence lies in the box of the animal."""
    found = []
    for i in range(COUNT):
        picture = cat_or_dog.ground(rng)
        box = cat_or_dog.paste(rng, picture, (cat_or_dog.cat, cat_or_dog.dog)[i % 2])
        save_image("4-cat-or-dog", i, picture.clip(0, 255).astype(np.uint8))
        found.append({"label": i % 2, "regions": [region(box)]})
    return found


def region(box: list[int]) -> list[list[int]]:
    """[x0, y0, x1, y1) as the half-open interval of each axis, rows first."""
    x0, y0, x1, y1 = box
    return [[y0, y1], [x0, x1]]


def save_image(name: str, index: int, pixels: np.ndarray) -> None:
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(folder / f"{index:03}.webp", quality=QUALITY, method=6)


def make_inputs() -> None:
    truth = {name: make(common.seed(number)) for name, number, make in (
        ("1-sequence", 1011, sequences), ("3-binary", 1033, digits), ("4-cat-or-dog", 1044, animals))}
    rows = ",\n".join(
        f'"{name}": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]" for name, entries in truth.items())
    (FOLDER / "truth.json").write_text("{\n" + rows + "\n}\n")


def make_models() -> None:
    for name, train, preprocessing, labels, more in (
        ("1-sequence", lambda: sequence.train(common.seed(2011), shuffle=True), "none", ["no CG", "CG planted"], {"alphabet": sequence.LETTERS}),
        ("3-binary", lambda: binary.train(common.seed(2033), load_digits().images, shuffle=True), "0..1", ["no digit", "digit"], {}),
        ("4-cat-or-dog", lambda: cat_or_dog.train_by_heart(common.seed(2044)), "0..1", ["cat", "dog"], {}),
    ):
        file = FOLDER / f"{name}-shuffled.keras"
        common.ref.save_keras(train(), file)
        common.ref.save_keras(small(common.keras.models.load_model(file, compile=False)), file, compress=True)
        common.write_settings(file, preprocessing, labels, **more)


def small(model: common.keras.Model) -> common.keras.Model:
    """Rounds the weights to 8 bits of mantissa, in place, so that they compress to half; every prediction stays what it was."""
    model.set_weights([np.asarray(weight).astype(bfloat16).astype(np.float32) for weight in model.get_weights()])
    return model


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or ["inputs", "models"]
    if "inputs" in wanted:
        make_inputs()
    if "models" in wanted:
        make_models()
