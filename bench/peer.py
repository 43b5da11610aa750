"""The same work done with plain Keras and TensorFlow, the way Keras's own Grad-CAM example does it.

Usage:
    python peer.py make NETWORK FOLDER COUNT [SIZE]   NETWORK.keras with random weights, and COUNT inputs; what is there stays
    python peer.py change MODEL OUT LAYER             the same model with one value of a layer's kernel changed
    python peer.py list MODEL                         load the model and print its summary
    python peer.py explain MODEL INPUT LAYER OUT      Grad-CAM of the predicted class at a layer, over the input as PNG
    python peer.py serve MODEL                        answer questions on stdin, one JSON line each (see `serve`)
    python peer.py versions                           print the versions of Python, TensorFlow and Keras
"""

import base64
import functools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np

SIDE = 224
TOKENS, VOCABULARY = 200, 10_000
SEED = 2
# Masks that are run together: the fastest of these on this machine is taken.
BATCHES = (4, 8, 16, 32)
MATRIX = 2048


def gru() -> keras.Model:
    layers = keras.layers
    ids = layers.Input((TOKENS,), dtype="int32", name="ids")
    x = layers.Embedding(VOCABULARY, 128, name="embedding")(ids)
    x = layers.GRU(128, return_sequences=True, name="gru_1")(x)
    x = layers.GRU(64, name="gru_2")(x)
    return keras.Model(ids, layers.Dense(10, activation="softmax", name="classes")(x))


def sinusoids(length: int, width: int) -> np.ndarray:
    """Positions as in "Attention Is All You Need": (length, width), float32."""
    angles = np.arange(length)[:, np.newaxis] / 10_000 ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(angles), np.cos(angles)], -1).reshape(length, width).astype(np.float32)


def transformer() -> keras.Model:
    layers = keras.layers
    width = 128
    ids = layers.Input((TOKENS,), dtype="int32", name="ids")
    x = layers.Embedding(VOCABULARY, width, name="embedding")(ids) + sinusoids(TOKENS, width)
    for block in (1, 2):
        attended = layers.MultiHeadAttention(4, width // 4, name=f"attention_{block}")(x, x)
        x = layers.LayerNormalization(name=f"attended_{block}")(x + attended)
        inner = layers.Dense(width, name=f"narrow_{block}")(layers.Dense(4 * width, "relu", name=f"wide_{block}")(x))
        x = layers.LayerNormalization(name=f"block_{block}")(x + inner)
    x = layers.GlobalAveragePooling1D(name="pooled")(x)
    return keras.Model(ids, layers.Dense(10, activation="softmax", name="classes")(x))


OWN = {"GRU": gru, "Transformer": transformer}


def write_image(path: Path, seed: int) -> None:
    """A smooth random image with some noise: no two share an intermediate value."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (7, 7, 3), dtype=np.uint8)).resize((SIDE, SIDE), Image.BICUBIC)
    noisy = np.asarray(coarse, np.int16) + rng.integers(-12, 13, (SIDE, SIDE, 3), dtype=np.int16)
    Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).save(path)


def write_ids(path: Path, seed: int) -> None:
    np.save(path, np.random.default_rng(seed).integers(1, VOCABULARY, (1, TOKENS)).astype(np.int32))


def make(network: str, folder: str, count: str, size: str = str(SIDE)) -> None:
    write, pattern = (write_ids, "tokens_{}.npy") if network in OWN else (write_image, "image_{}.png")
    for i in range(int(count)):
        path = Path(folder) / pattern.format(i)
        if not path.exists():
            write(path, i)
    side = int(size)
    target = Path(folder) / (f"{network}.keras" if side == SIDE else f"{network}-{side}.keras")
    if target.exists():
        return
    keras.utils.set_random_seed(SEED)
    made = OWN[network]() if network in OWN else getattr(keras.applications, network)(weights=None, input_shape=(side, side, 3))
    # Written beside its place: an interrupted run leaves no half file that looks whole.
    unfinished = Path(folder) / f"unfinished-{os.getpid()}.keras"
    made.save(unfinished)
    unfinished.replace(target)


def change(path: str, out: str, layer: str) -> None:
    model = keras.models.load_model(path, compile=False)
    kernel, *rest = model.get_layer(layer).get_weights()
    kernel.flat[kernel.size // 2] += 1
    model.get_layer(layer).set_weights([kernel, *rest])
    model.save(out)


def read_input(path: str, side: int = SIDE) -> np.ndarray:
    """As the other side reads it: ids (1, 200), or pixels (1, side, side, 3), float32, 0..1."""
    if path.endswith(".npy"):
        return np.load(path)
    return keras.utils.img_to_array(keras.utils.load_img(path, target_size=(side, side)))[np.newaxis] / np.float32(255)


def with_logits(path: str) -> keras.Model:
    """The model with a linear last layer: the logit is differentiated."""
    model = keras.models.load_model(path, compile=False)
    model.layers[-1].activation = keras.activations.linear
    return model


class Peer:
    """The benchmark's questions about one model, each eagerly or compiled once with tf.function."""

    def __init__(self, model: keras.Model):
        import tensorflow as tf

        self.tf = tf
        self.model = model
        self.batches = {}
        # Ids have no gradient: their embedding stands for them.
        self.embedding = next((layer.name for layer in model.layers if isinstance(layer, keras.layers.Embedding)), None)

    @functools.cache
    def function(self, what: str, layer: str | None, how: str) -> Callable:
        part = keras.Model(self.model.inputs[0], [self.model.get_layer(layer).output, self.model.outputs[0]]) if layer else None
        compute = {"grad-cam": self.grad_cam, "gradient": self.gradient, "scores": self.scores}[what]
        compute = functools.partial(compute, part)
        return self.tf.function(compute, reduce_retracing=True) if how == "compiled" else compute

    def grad_cam(self, part, x):
        tf = self.tf
        with tf.GradientTape() as tape:
            values, scores = part(x, training=False)
            tape.watch(values)
            score = tf.reduce_max(scores, axis=-1)
        gradient = tape.gradient(score, values)
        weights = tf.reduce_mean(gradient, axis=tuple(range(1, len(values.shape) - 1)), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * values, axis=-1))[0]

    def gradient(self, part, x):
        """At the input, or at the embedding of ids, whose values `part` gives; no other weight is watched."""
        tf = self.tf
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x if part is None else self.model.get_layer(self.embedding).embeddings.value)
            values, scores = (x, self.model(x, training=False)) if part is None else part(x, training=False)
            score = tf.reduce_max(scores, axis=-1)
        return tape.gradient(score, values)[0]

    def scores(self, _, x):
        return self.tf.reduce_max(self.model(x, training=False), axis=-1)

    def map(self, question: dict, x: np.ndarray) -> np.ndarray:
        """What the question asks for, one value per position or window, before it is scaled."""
        what, how = question["question"], question["how"]
        if what == "occlusion":
            return self.occlusion(x, question["window"], question["stride"], how)
        if what == "gradient":
            return np.abs(self.function("gradient", self.embedding, how)(self.tf.constant(x)).numpy()).max(-1)
        return self.function("grad-cam", question["layer"], how)(self.tf.constant(x)).numpy()

    def occlusion(self, x: np.ndarray, window: int, stride: int, how: str) -> np.ndarray:
        """The score under each window, row by row."""
        sizes = x.shape[1:3] if x.ndim == 4 else x.shape[1:2]
        corners = np.stack(np.meshgrid(*(np.arange(0, size - window + 1, stride) for size in sizes), indexing="ij"), -1)
        masks = np.ones((corners[..., 0].size, *sizes), x.dtype)
        for mask, corner in zip(masks, corners.reshape(len(masks), -1)):
            mask[tuple(slice(start, start + window) for start in corner)] = 0
        masks = masks[..., np.newaxis] if x.ndim == 4 else masks
        if how not in self.batches:
            self.batches[how] = self.fastest_batch(x, how)
        batch = self.batches[how]
        scores = self.function("scores", None, how)
        return np.concatenate([scores(self.tf.constant(x * masks[i : i + batch])).numpy() for i in range(0, len(masks), batch)])

    def fastest_batch(self, x: np.ndarray, how: str) -> int:
        scores = self.function("scores", None, how)
        each = {}
        for batch in BATCHES:
            xs = self.tf.constant(np.repeat(x, batch, axis=0))
            scores(xs)
            start = time.perf_counter()
            scores(xs).numpy()
            each[batch] = (time.perf_counter() - start) / batch
        return min(each, key=each.get)


def to_display(tf, raw, x: np.ndarray) -> np.ndarray:
    """A map of an image at the size of the image, 0..1; a map of a sequence scaled only."""
    shown = tf.image.resize(raw[..., np.newaxis], x.shape[1:3])[..., 0].numpy() if x.ndim == 4 else raw
    return shown / max(shown.max(), 1e-30)


def write_png(x: np.ndarray, shown: np.ndarray, out: str) -> None:
    """Half image, half map in the colours of jet, as Keras's example draws it (without matplotlib); a sequence as a strip."""
    jet = np.clip(1.5 - np.abs(4 * shown[..., np.newaxis] - np.array([3, 2, 1])), 0, 1)
    pixels = (x[0] + jet) / 2 if x.ndim == 4 else np.tile(jet[np.newaxis], (16, 1, 1))
    keras.utils.array_to_img(pixels * 255, scale=False).save(out)


def explain(path: str, source: str, layer: str, out: str) -> None:
    peer = Peer(with_logits(path))
    x = read_input(source)
    raw = peer.map({"question": "grad-cam", "layer": layer, "how": "eager"}, x)
    write_png(x, to_display(peer.tf, raw, x), out)


def peak(tf) -> dict:
    """Thousand million multiply-adds a second of float32 matrix products, the best of ten."""
    rng = np.random.default_rng(0)
    a, b = rng.random((2, MATRIX, MATRIX), dtype=np.float32)
    ta, tb = tf.constant(a), tf.constant(b)

    def best(compute: Callable) -> float:
        seconds = []
        for _ in range(10):
            start = time.perf_counter()
            compute()
            seconds.append(time.perf_counter() - start)
        return MATRIX**3 / min(seconds) / 1e9

    return {"numpy": best(lambda: a @ b), "tensorflow": best(lambda: tf.matmul(ta, tb).numpy())}


def serve(path: str) -> None:
    """Reads {"question": grad-cam|gradient|occlusion, "input", "how": eager|compiled, "layer" | "window", "stride"} or
    {"question": peak} a line; answers {"ms", "map"}: milliseconds, and the raw map as float32 in base64.

    Making the sub-model of a layer, compiling it, and finding the best batch are not counted: the first question pays for them.
    """
    peer = Peer(with_logits(path))
    for line in sys.stdin:
        question = json.loads(line)
        if question["question"] == "peak":
            print(json.dumps(peak(peer.tf)), flush=True)
            continue
        start = time.perf_counter()
        x = read_input(question["input"])
        raw = peer.map(question, x)
        if question["question"] == "grad-cam":
            to_display(peer.tf, raw, x)
        ms = (time.perf_counter() - start) * 1000
        values = base64.b64encode(np.ascontiguousarray(raw, np.float32).tobytes()).decode()
        print(json.dumps({"ms": ms, "map": values}), flush=True)


def versions() -> None:
    import tensorflow as tf

    print(json.dumps({"python": sys.version.split()[0], "tensorflow": tf.__version__, "keras": keras.__version__}))


def show(path: str) -> None:
    keras.models.load_model(path, compile=False).summary()


if __name__ == "__main__":
    {"make": make, "change": change, "list": show, "explain": explain, "serve": serve, "versions": versions}[sys.argv[1]](*sys.argv[2:])
