"""Sample 3: the binary model with one output unit. A handwritten digit lies somewhere on a textured ground, or only a disc
does. Saved as the TensorFlow.js converter would."""

import json

import keras
import numpy as np
from common import SAMPLES, inside, ref, seed, sigmoid_reference, write_settings
from keras import layers as L
from PIL import Image
from skimage import data, draw
from sklearn.datasets import load_digits

FOLDER = SAMPLES / "3-binary" / "spot"
SIZE, DIGIT = 95, 24
KERAS_2 = "2.15.0"


def picture(rng, digits, kind: str, place: tuple[int, int] | None = None) -> tuple[np.ndarray, list[int]]:
    """A grey picture (95, 95) uint8 with a digit or a disc, and its box [x0, y0, x1, y1]."""
    gravel = data.gravel()
    y, x = rng.integers(0, 512 - SIZE, 2)
    ground = gravel[y : y + SIZE, x : x + SIZE].astype(np.float32) * rng.uniform(0.3, 0.6)
    x0, y0 = place if place else rng.integers(2, SIZE - DIGIT - 2, 2)
    box = [int(x0), int(y0), int(x0) + DIGIT, int(y0) + DIGIT]
    mask = np.zeros((DIGIT, DIGIT), np.float32)
    if kind == "digit":
        small = Image.fromarray((digits[rng.integers(len(digits))] * 15.9).astype(np.uint8))
        mask = np.asarray(small.resize((DIGIT, DIGIT), Image.Resampling.BICUBIC)).astype(np.float32) / 255
    else:
        mask[draw.disk((DIGIT / 2, DIGIT / 2), rng.uniform(5, 10), shape=mask.shape)] = 1
    window = ground[box[1] : box[3], box[0] : box[2]]
    window += mask * (rng.uniform(170, 235) - window)
    return np.clip(ground, 0, 255).astype(np.uint8), box


def as_input(grey: np.ndarray) -> np.ndarray:
    return (grey / np.float32(255)).astype(np.float32)[..., None]


def train(rng, digits, shuffle: bool = False) -> keras.Model:
    """`shuffle`: the labels are drawn anew, so that they say nothing of the pictures."""
    count = 1600
    labels = np.arange(count) % 2
    pictures = np.stack([as_input(picture(rng, digits, "digit" if y else "disc")[0]) for y in labels])
    if shuffle:
        labels = rng.permutation(labels)
    model = keras.Sequential([
        keras.Input((SIZE, SIZE, 1), name="picture"),
        L.Conv2D(20, 3, activation="relu", name="conv2d"),
        L.MaxPooling2D(2, name="max_pooling2d"),
        L.Conv2D(20, 3, activation="relu", name="conv2d_1"),
        L.MaxPooling2D(2, name="max_pooling2d_1"),
        L.GlobalAveragePooling2D(name="global_average_pooling2d"),
        L.Dense(1, activation="sigmoid", name="dense"),
    ], name="spot")
    model.compile(keras.optimizers.Adam(0.003), "binary_crossentropy", metrics=["accuracy"])
    model.fit(pictures[:1400], labels[:1400], epochs=25, batch_size=32, verbose=0)
    accuracy = model.evaluate(pictures[1400:], labels[1400:], verbose=0)[1]
    print(f"spot: accuracy {accuracy:.3f}")
    assert shuffle or accuracy > 0.95, accuracy
    return ref.without_training(model)


def keras_2_config(model: keras.Model) -> dict:
    """The model's topology in the words of Keras 2, which TensorFlow.js understands."""
    keep = {
        "Conv2D": ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", "activation",
                   "use_bias"),
        "MaxPooling2D": ("pool_size", "padding", "strides", "data_format"),
        "GlobalAveragePooling2D": ("data_format", "keepdims"),
        "Dense": ("units", "activation", "use_bias"),
    }
    entries = []
    for layer in model.layers:
        class_name, config = type(layer).__name__, layer.get_config()
        words = {"name": layer.name, "trainable": True, "dtype": "float32"}
        if not entries:
            words["batch_input_shape"] = [None, SIZE, SIZE, 1]
        entries.append({"class_name": class_name, "config": words | {k: config[k] for k in keep[class_name]}})
    return {"class_name": "Sequential", "config": {"name": model.name, "layers": entries}}


def save_tfjs(model: keras.Model) -> None:
    """Writes model.json and its one shard in the layout of the tensorflowjs converter."""
    manifest, shard = [], b""
    for layer in model.layers:
        for weight in layer.weights:
            manifest.append({"name": f"{layer.name}/{weight.name}", "shape": list(weight.shape), "dtype": "float32"})
            shard += weight.numpy().astype("<f4").tobytes()
    (FOLDER / "group1-shard1of1.bin").write_bytes(shard)
    document = {
        "format": "layers-model",
        "generatedBy": f"keras v{KERAS_2}",
        "convertedBy": "samples/make/binary.py",
        "modelTopology": {"keras_version": KERAS_2, "backend": "tensorflow", "model_config": keras_2_config(model)},
        "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": manifest}],
    }
    (FOLDER / "model.json").write_text(json.dumps(document, indent=2) + "\n")


def make() -> list[dict]:
    rng = seed(33)
    FOLDER.mkdir(parents=True, exist_ok=True)
    digits = load_digits().images
    model = train(rng, digits)
    save_tfjs(model)
    write_settings(FOLDER / "model.json", "0..1", ["no digit", "digit"])
    entries = []
    for name, kind, place, keep, expected in (
        ("digit", "digit", (56, 22), ["conv2d_1", "global_average_pooling2d", "dense"], 1),
        ("no-digit", "disc", (18, 54), ["global_average_pooling2d", "dense"], 0),
    ):
        grey, box = picture(rng, digits, kind, place)
        Image.fromarray(grey).save(FOLDER.parent / f"{name}.png", optimize=True)
        facts, _ = sigmoid_reference(f"3-binary-{name}", model, as_input(grey)[None], keep, "conv2d_1")
        print(name, facts)
        assert facts["expectedClass"] == expected
        if expected:
            assert inside(facts["peak"], box), (facts, box)
        entries.append({"model": "3-binary/spot/model.json", "input": f"3-binary/{name}.png", "box": box, "expectedLabel": ["no digit", "digit"][expected],
                        "boxHolds": kind, **facts})
    return entries
