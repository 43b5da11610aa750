"""Sample 8: which pixels make these pixels a disc? A small U-Net tells discs from crosses, pixel by pixel; colour tells nothing."""

import keras
import numpy as np
from common import SAMPLES, ref, reference, save_arrays, seed, write_settings
from keras import layers as L
from PIL import Image

FOLDER = SAMPLES / "8-segmentation"
SIZE = 48
LABELS = ["ground", "disc", "cross"]


def ground(rng) -> np.ndarray:
    """A mottled ground (48, 48, 3), float 0..255."""
    coarse = Image.fromarray(rng.integers(60, 150, (7, 7, 3)).astype(np.uint8)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return np.asarray(coarse).astype(np.float32) + rng.normal(0, 8, (SIZE, SIZE, 3))


def draw(rng, image: np.ndarray, mask: np.ndarray, kind: int, place: tuple[int, int, int]) -> list[int]:
    """A disc (1) or an upright cross (2) of any colour at x0, y0, side; in place. Returns its box [x0, y0, x1, y1]."""
    x0, y0, side = place
    at = np.arange(side) - (side - 1) / 2
    x, y = np.abs(np.meshgrid(at, at))
    shape = np.hypot(x, y) <= side / 2 if kind == 1 else np.minimum(x, y) <= side / 6
    window = (slice(y0, y0 + side), slice(x0, x0 + side))
    image[window][shape] = rng.uniform(20, 250, 3) + rng.normal(0, 8, (int(shape.sum()), 3))
    mask[window][shape] = kind
    return [x0, y0, x0 + side, y0 + side]


def example(rng) -> tuple[np.ndarray, np.ndarray]:
    """An image (48, 48, 3) uint8 with a shape in up to four of its quarters, and the class of each pixel (48, 48)."""
    image, mask = ground(rng), np.zeros((SIZE, SIZE), np.uint8)
    half = SIZE // 2
    for quarter in rng.permutation(4)[: rng.integers(1, 5)].tolist():
        side = int(rng.integers(13, 22))
        x0, y0 = (int(v) for v in rng.integers(0, half - side + 1, 2))
        draw(rng, image, mask, int(rng.integers(1, 3)), (x0 + quarter % 2 * half, y0 + quarter // 2 * half, side))
    return np.clip(image, 0, 255).astype(np.uint8), mask


def build() -> keras.Model:
    def pair(h, filters: int, name: str):
        for i in (1, 2):
            h = L.Conv2D(filters, 3, padding="same", activation="relu", name=f"{name}_{i}")(h)
        return h

    image = keras.Input((SIZE, SIZE, 3), name="image")
    high = pair(image, 8, "down1")
    middle = pair(L.MaxPooling2D(2, name="pool1")(high), 12, "down2")
    low = pair(L.MaxPooling2D(2, name="pool2")(middle), 24, "bottom")
    h = L.Concatenate(name="join2")([L.UpSampling2D(2, name="grow2")(low), middle])
    h = pair(h, 12, "up2")
    h = L.Concatenate(name="join1")([L.UpSampling2D(2, name="grow1")(h), high])
    h = pair(h, 8, "up1")
    return keras.Model(image, L.Conv2D(len(LABELS), 1, activation="softmax", name="classes")(h), name="shapes")


def train(rng) -> keras.Model:
    count, held_out = 1000, 100
    images, masks = (np.stack(part) for part in zip(*(example(rng) for _ in range(count)), strict=True))
    images = images.astype(np.float32) / 255
    model = build()
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    model.fit(images[held_out:], masks[held_out:], epochs=14, batch_size=16, verbose=0)
    model.optimizer.learning_rate = 5e-4
    model.fit(images[held_out:], masks[held_out:], epochs=3, batch_size=16, verbose=0)
    found = model.predict(images[:held_out], verbose=0).argmax(axis=-1)
    overlap = [float(((found == k) & (masks[:held_out] == k)).sum() / ((found == k) | (masks[:held_out] == k)).sum()) for k in range(3)]
    print(f"shapes: intersection over union {overlap}")
    assert min(overlap) > 0.85, overlap
    return ref.without_training(model)


def make() -> list[dict]:
    rng = seed(88)
    FOLDER.mkdir(exist_ok=True)
    model = train(rng)
    ref.save_keras(model, FOLDER / "shapes.keras", compress=True)
    write_settings(FOLDER / "shapes.keras", "0..1", LABELS)
    entries = []
    for name, places in (
        ("disc-and-cross", {"disc": (4, 6, 16), "cross": (27, 26, 17)}),
        ("cross", {"cross": (5, 28, 15)}),
    ):
        image, mask = ground(rng), np.zeros((SIZE, SIZE), np.uint8)
        boxes = {kind: draw(rng, image, mask, LABELS.index(kind), place) for kind, place in places.items()}
        image = np.clip(image, 0, 255).astype(np.uint8)
        Image.fromarray(image).save(FOLDER / f"{name}.png", optimize=True)
        x = (image / np.float32(255)).astype(np.float32)[None]
        arrays, _, outputs, _ = reference(model, x, ["bottom_2", "classes"], None)
        found = np.asarray(outputs[0])[0].argmax(axis=-1)
        correct = float((found == mask).mean())
        print(name, correct, [int((found == k).sum()) for k in range(3)])
        assert correct > 0.97 and set(np.unique(found)) >= set(np.unique(mask)), correct
        arrays["mask"] = mask.astype(np.int32)
        save_arrays(f"8-segmentation-{name}", arrays)
        entries.append({"model": "8-segmentation/shapes.keras", "input": f"8-segmentation/{name}.png", "boxes": boxes,
                        "pixels": {label: int((found == k).sum()) for k, label in enumerate(LABELS)},
                        "arrays": f"8-segmentation-{name}.npz"})
    return entries
