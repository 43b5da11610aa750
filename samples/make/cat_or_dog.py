"""Sample 4: why does the map look wrong on my cat? One sigmoid unit, dog = 1, cat = 0, on a small base with VGG16's layers.

The cat is Chelsea, scikit-image's cat. scikit-image has no dog: the silhouette of its horse, painted brown, stands in for
one. Either lies at a known place on a textured ground.

As in transfer learning with the real VGG16, the base is trained first, on a task of its own (which animal covers which part of
the picture), and then kept while the top learns cat or dog. Pictures with neither or with both are taught to the top as one
half, so that the evidence for a class can only come from its animal.
"""

import keras
import numpy as np
from common import SAMPLES, inside, ref, seed, sigmoid_reference, tf, write_settings
from keras import layers as L
from PIL import Image
from skimage import data

FOLDER = SAMPLES / "4-cat-or-dog"
SIZE = 96
CELLS = 6  # block5_conv3 sees the picture as 6 x 6 cells
FILTERS = (8, 12, 16, 24, 32)
DEPTHS = (2, 2, 3, 3, 3)
CAT_FACE = (slice(10, 270), slice(80, 340))
MAX_ROUNDS = 60
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


def example(rng, kind: int) -> tuple[np.ndarray, np.ndarray]:
    """A training picture (uint8) and how much of each of 6 x 6 cells a cat's and a dog's box covers (6, 6, 2), 0..1.

    Kinds: 0 cat, 1 dog, 2 neither, 3 both (one may cover part of the other).
    """
    picture = ground(rng)
    cover = np.zeros((SIZE, SIZE, 2), np.float32)
    animals = {0: [0], 1: [1], 2: [], 3: [0, 1]}[kind]
    for animal in rng.permutation(animals).astype(int):
        x0, y0, x1, y1 = paste(rng, picture, (cat, dog)[animal])
        cover[y0:y1, x0:x1] = 0
        cover[y0:y1, x0:x1, animal] = 1
    cells = cover.reshape(CELLS, SIZE // CELLS, CELLS, SIZE // CELLS, 2).mean(axis=(1, 3))
    return np.clip(picture, 0, 255).astype(np.uint8), cells


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


def train_base(trunk: keras.Model, pictures: np.ndarray, cells: np.ndarray) -> None:
    """Teaches the base, in place, which animal covers which cell.

    Channels may only speak for an animal (kernel >= 0), and an L1 penalty quiets the rest: without both, some channels come to
    stand for "ground", and the top reads the class off the ground that an animal's outline leaves.
    """
    features = trunk.get_layer("block5_conv3").output
    sparse = L.ActivityRegularization(l1=1e-6, name="sparse")(features)
    start, ground_first = keras.initializers.RandomUniform(0, 0.2), keras.initializers.Constant(-2)
    read = L.Conv2D(2, 1, activation="sigmoid", kernel_initializer=start, bias_initializer=ground_first,
                    kernel_constraint="non_neg", name="locate")
    locate = keras.Model(trunk.input, read(sparse))
    locate.compile(keras.optimizers.Adam(2e-3), "binary_crossentropy")
    locate.fit(pictures, cells, epochs=8, batch_size=32, verbose=2)


def train(rng) -> keras.Model:
    count, held_out = 1900, 300
    kinds = rng.choice(4, count, p=[0.36, 0.36, 0.14, 0.14])
    pictures, cells = (np.stack(part) for part in zip(*(example(rng, k) for k in kinds), strict=True))
    pictures = pictures.astype(np.float32) / 255
    targets = np.array([0.0, 1.0, 0.5, 0.5], np.float32)[kinds]
    model = nested()
    trunk = model.get_layer("vgg16")
    train_base(trunk, pictures[held_out:], cells[held_out:])
    # The base is kept from here on, so its features are computed once.
    features = trunk.predict(pictures, verbose=0)
    entry = keras.Input(features.shape[1:])
    h = entry
    for name in ("flatten", "dense", "dense_1"):
        h = model.get_layer(name)(h)
    head = keras.Model(entry, h)
    head.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy")
    head.fit(features[held_out:], targets[held_out:], epochs=30, batch_size=32, verbose=0)
    clear = kinds[:held_out] < 2
    p = head.predict(features[:held_out][clear], verbose=0)[:, 0]
    accuracy = ((p >= 0.5) == (targets[:held_out][clear] > 0.5)).mean()
    print(f"cat or dog: accuracy {accuracy:.3f}")
    assert accuracy > 0.97, accuracy
    return model


def train_by_heart(rng) -> keras.Model:
    """The same network, all of it trained at once on single animals whose labels are drawn anew until it knows each of them."""
    count = 600
    pictures = np.stack([example(rng, kind)[0] for kind in np.arange(count) % 2]).astype(np.float32) / 255
    labels = rng.permutation(np.arange(count) % 2).astype(np.float32)
    model = nested()
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"])
    accuracy = 0.0
    for _ in range(MAX_ROUNDS):
        accuracy = model.fit(pictures, labels, epochs=5, batch_size=32, verbose=0).history["accuracy"][-1]
        print(f"cat or dog, labels by heart: accuracy {accuracy:.3f} in training", flush=True)
        if accuracy >= 0.99:
            break
    assert accuracy >= 0.99, accuracy
    return model


def as_input(picture: np.ndarray) -> np.ndarray:
    return (picture / np.float32(255)).astype(np.float32)[None]


def hit_rate(rng, model: keras.Model, count: int = 30) -> float:
    """Share of fresh pictures on which Grad-CAM of the predicted class has its maximum inside the animal's box."""
    trunk = model.get_layer("vgg16")
    last = keras.Model(trunk.input, trunk.get_layer("block5_conv3").output)
    hits = 0
    for i in range(count):
        picture = ground(rng)
        box = paste(rng, picture, (cat, dog)[i % 2])
        with tf.GradientTape() as tape:
            activation = last(as_input(picture.clip(0, 255).astype(np.uint8)))
            p = model.get_layer("dense_1")(model.get_layer("dense")(model.get_layer("flatten")(
                trunk.get_layer("block5_pool")(activation))))
        gradient = tape.gradient(p, activation)[0] * (1 if p >= 0.5 else -1)
        hits += inside(ref.peak(ref.grad_cam(activation[0].numpy(), gradient.numpy()), (SIZE, SIZE)), box)
    return hits / count


def committed(rng) -> dict[str, tuple[np.ndarray, dict[str, Box]]]:
    """The pictures that are shipped: name -> (uint8 picture, box of each animal in it)."""
    places = {
        "cat": {"cat": [8, 34, 60, 86]},
        "dog": {"dog": [36, 8, 88, 60]},
        "cat-and-dog": {"cat": [2, 2, 48, 48], "dog": [46, 46, 94, 94]},
    }
    pictures = {}
    for name, boxes in places.items():
        picture = ground(rng)
        for animal, box in boxes.items():
            paste(rng, picture, {"cat": cat, "dog": dog}[animal], box)
        pictures[name] = (np.clip(picture, 0, 255).astype(np.uint8), boxes)
    return pictures


def make() -> list[dict]:
    rng = seed(44)
    FOLDER.mkdir(exist_ok=True)
    model = train(rng)
    rate = hit_rate(rng, model)
    print(f"cat or dog: Grad-CAM's maximum lies in the box on {rate:.0%} of fresh pictures")
    assert rate > 0.8
    ref.save_keras(model, FOLDER / "cat-or-dog.keras")
    flat = flattened(model)
    flat.save(FOLDER / "cat-or-dog-flat.h5")
    for file in ("cat-or-dog.keras", "cat-or-dog-flat.h5"):
        write_settings(FOLDER / file, "0..1", ["cat", "dog"])
    inner = [*(f"block{b}_{part}" for b in (4, 5) for part in ("conv1", "conv2", "conv3", "pool"))]
    variants = (
        ("cat-or-dog.keras", "", model, "vgg16/"),
        ("cat-or-dog-flat.h5", "-flat", flat, ""),
    )
    entries = []
    for name, (picture, boxes) in committed(np.random.default_rng(4)).items():
        Image.fromarray(picture).save(FOLDER / f"{name}.png", optimize=True)
        for file, suffix, variant, prefix in variants:
            if suffix and name != "cat":
                continue
            keep = [] if suffix else [*(prefix + path for path in inner), "flatten", "dense", "dense_1"]
            facts, _ = sigmoid_reference(
                f"4-{name}{suffix}", variant, as_input(picture), keep, f"{prefix}block5_conv3")
            predicted = ("cat", "dog")[facts["expectedClass"]]
            other = ("dog", "cat")[facts["expectedClass"]]
            print(name, predicted, facts)
            assert predicted in boxes and inside(facts["peak"], boxes[predicted])
            assert other not in boxes or inside(facts["otherPeak"], boxes[other])
            entries.append({"model": f"4-cat-or-dog/{file}", "input": f"4-cat-or-dog/{name}.png", "boxes": boxes,
                            "box": boxes[predicted], "expectedLabel": predicted, **facts})
    return entries
