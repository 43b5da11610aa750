"""Sample 4: why does the map look wrong on my cat? One sigmoid unit, dog = 1, cat = 0, on a small base with VGG16's layers.

The cat is Chelsea, scikit-image's cat. scikit-image has no dog: the silhouette of its horse, painted brown, stands in for
one. Either lies at a known place on a textured ground. Pictures with neither or with both are taught as one half, so that
the evidence for a class can only come from its animal.
"""

import keras
import numpy as np
from common import SAMPLES, inside, ref, seed, sigmoid_reference, write_settings
from keras import layers as L
from PIL import Image
from skimage import data

FOLDER = SAMPLES / "4-cat-or-dog"
SIZE = 96
FILTERS = (8, 12, 16, 24, 32)
DEPTHS = (2, 2, 3, 3, 3)
CAT_FACE = (slice(10, 270), slice(80, 340))
Box = list[int]


def ground(rng) -> np.ndarray:
    """A tinted piece of a texture, (96, 96, 3) float 0..255."""
    texture = (data.grass, data.gravel, data.brick)[rng.integers(3)]()
    scale = int(rng.integers(96, 200))
    y, x = rng.integers(0, 512 - scale, 2)
    piece = Image.fromarray(texture[y : y + scale, x : x + scale]).resize((SIZE, SIZE), Image.Resampling.BOX)
    tint = rng.uniform(0.5, 1.1, 3)
    return np.asarray(piece).astype(np.float32)[..., None] * tint


def cat(rng, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Chelsea's face (side, side, 3) and its mask: an ellipse with a soft rim."""
    face = Image.fromarray(np.ascontiguousarray(data.chelsea()[CAT_FACE]))
    face = face.resize((side, side), Image.Resampling.LANCZOS)
    rim = np.linspace(-1, 1, side)
    mask = np.clip((1 - np.hypot(*np.meshgrid(rim, rim))) * 8, 0, 1)
    return np.asarray(face).astype(np.float32), mask


def dog(rng, side: int) -> tuple[np.ndarray, np.ndarray]:
    """The horse's silhouette (side, side, 3) in brown fur, and its mask."""
    shape = Image.fromarray((~data.horse() * 255).astype(np.uint8)).resize((side, side), Image.Resampling.BOX)
    fur = np.asarray(Image.fromarray(data.grass()[:side, :side])).astype(np.float32)[..., None] / 255
    colour = np.array([120, 75, 40], np.float32) * rng.uniform(0.7, 1.3)
    return colour * (0.7 + 0.6 * fur), np.asarray(shape).astype(np.float32) / 255


def paste(rng, picture: np.ndarray, animal, place: Box | None = None) -> Box:
    """Draws the animal into `picture`, in place; returns its box [x0, y0, x1, y1]."""
    side = place[2] - place[0] if place else int(rng.integers(40, 56))
    x0, y0 = place[:2] if place else rng.integers(0, SIZE - side + 1, 2)
    pixels, mask = animal(rng, side)
    if rng.random() < 0.5:
        pixels, mask = pixels[:, ::-1], mask[:, ::-1]
    window = picture[y0 : y0 + side, x0 : x0 + side]
    window += mask[..., None] * (pixels * rng.uniform(0.75, 1.2) - window)
    return [int(x0), int(y0), int(x0) + side, int(y0) + side]


def example(rng, kind: int) -> tuple[np.ndarray, float]:
    """A training picture (uint8) and its target: 0 cat, 1 dog, 2 neither, 3 both (one may cover part of the other)."""
    picture = ground(rng)
    animals = {0: [cat], 1: [dog], 2: [], 3: [cat, dog]}[kind]
    for i in rng.permutation(len(animals)):
        paste(rng, picture, animals[i])
    return np.clip(picture, 0, 255).astype(np.uint8), {0: 0.0, 1: 1.0}.get(kind, 0.5)


def base() -> keras.Model:
    """VGG16's layers by name, with few filters."""
    x = keras.Input((SIZE, SIZE, 3), name="input_1")
    h = x
    for block, (filters, depth) in enumerate(zip(FILTERS, DEPTHS, strict=True), start=1):
        for i in range(1, depth + 1):
            h = L.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal",
                         name=f"block{block}_conv{i}")(h)
        h = L.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(h)
    return keras.Model(x, h, name="vgg16")


def top(h):
    h = L.Flatten(name="flatten")(h)
    h = L.Dense(256, activation="relu", name="dense")(h)
    return L.Dense(1, activation="sigmoid", name="dense_1")(h)


def nested() -> keras.Model:
    x = keras.Input((SIZE, SIZE, 3), name="picture")
    return keras.Model(x, top(base()(x)), name="cat_or_dog")


def flattened(model: keras.Model) -> keras.Model:
    """The same layers and weights with the base's layers laid out in the model itself."""
    trunk = base()
    flat = keras.Model(trunk.input, top(trunk.output), name="cat_or_dog_flat")
    flat.set_weights(model.get_weights())
    return flat


def train(rng) -> keras.Model:
    count = 3200
    kinds = rng.choice(4, count, p=[0.36, 0.36, 0.14, 0.14])
    pictures, targets = zip(*(example(rng, k) for k in kinds), strict=True)
    pictures = np.stack(pictures).astype(np.float32) / 255
    targets = np.array(targets, np.float32)
    model = nested()
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy")
    model.fit(pictures[:2800], targets[:2800], epochs=14, batch_size=32, verbose=2)
    clear = kinds[2800:] < 2
    p = model.predict(pictures[2800:][clear], verbose=0)[:, 0]
    accuracy = ((p >= 0.5) == (targets[2800:][clear] > 0.5)).mean()
    print(f"cat or dog: accuracy {accuracy:.3f}")
    assert accuracy > 0.97, accuracy
    return ref.without_training(model)


def as_input(picture: np.ndarray) -> np.ndarray:
    return (picture / np.float32(255)).astype(np.float32)[None]


def hit_rate(rng, model: keras.Model) -> float:
    """Share of fresh pictures on which Grad-CAM of the predicted class has its maximum inside the animal's box."""
    hits = 0
    for i in range(40):
        picture = ground(rng)
        box = paste(rng, picture, (cat, dog)[i % 2])
        facts, _ = sigmoid_reference("scratch", model, as_input(picture.clip(0, 255).astype(np.uint8)), [],
                                     "vgg16/block5_conv3")
        hits += inside(facts["peak"], box)
    return hits / 40


def make() -> list[dict]:
    rng = seed(44)
    FOLDER.mkdir(exist_ok=True)
    model = train(rng)
    ref.save_keras(model, FOLDER / "cat-or-dog.keras")
    flat = flattened(model)
    flat.save(FOLDER / "cat-or-dog-flat.h5")
    for file in ("cat-or-dog.keras", "cat-or-dog-flat.h5"):
        write_settings(FOLDER / file, "0..1", ["cat", "dog"])
    return []
