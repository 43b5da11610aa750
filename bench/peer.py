"""The same work done with plain Keras and TensorFlow, the way Keras's own Grad-CAM example does it.

Usage:
    python peer.py list MODEL                    load the model and print its summary
    python peer.py explain MODEL PICTURE OUT     Grad-CAM of the predicted class at block5_conv3, overlay as PNG
    python peer.py serve MODEL                   answer questions on stdin, one JSON line each (see `serve`)
"""

import importlib.metadata
import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np

LAYER = "block5_conv3"


def read_picture(path: str) -> np.ndarray:
    """Pixels as the benchmark's other side sees them: (1, 224, 224, 3), float32, 0..1."""
    image = keras.utils.load_img(path, target_size=(224, 224))
    return keras.utils.img_to_array(image)[np.newaxis] / 255.0


class GradCam:
    """Grad-CAM at one layer of one model, run eagerly or compiled once with tf.function."""

    def __init__(self, model: keras.Model, layer: str, compiled: bool):
        import tensorflow as tf

        self.tf = tf
        self.model = keras.Model(model.inputs, [model.get_layer(layer).output, model.output])
        self.compute = tf.function(self.gradients, reduce_retracing=True) if compiled else self.gradients

    def gradients(self, x):
        tf = self.tf
        with tf.GradientTape() as tape:
            values, scores = self.model(x, training=False)
            tape.watch(values)
            score = tf.reduce_max(scores, axis=-1)
        gradient = tape.gradient(score, values)
        weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * values, axis=-1))[0], scores

    def __call__(self, picture: str) -> tuple[np.ndarray, np.ndarray]:
        """The raw map (h, w) and the map for display (224, 224), 0..1."""
        tf = self.tf
        raw, _ = self.compute(tf.constant(read_picture(picture)))
        display = tf.image.resize(raw[..., tf.newaxis], (224, 224))[..., 0].numpy()
        return raw.numpy(), display / max(display.max(), 1e-30)


class VisGradCam:
    """The same question to tf-keras-vis, where it is installed (written for its 0.8)."""

    def __init__(self, model: keras.Model, layer: str):
        from tf_keras_vis.gradcam import Gradcam

        self.layer = layer
        self.gradcam = Gradcam(model, clone=False)

    def __call__(self, picture: str) -> tuple[np.ndarray, np.ndarray]:
        import tensorflow as tf

        display = self.gradcam(
            lambda scores: tf.reduce_max(scores, axis=-1),
            read_picture(picture),
            penultimate_layer=self.layer,
            seek_penultimate_conv_layer=False,
        )[0]
        return display, display


def method(model: keras.Model, layer: str, how: str):
    return VisGradCam(model, layer) if how == "vis" else GradCam(model, layer, compiled=how == "compiled")


def with_logits(path: str) -> keras.Model:
    """The model with a linear last layer: Grad-CAM differentiates the logit."""
    model = keras.models.load_model(path, compile=False)
    model.layers[-1].activation = keras.activations.linear
    return model


def write_overlay(picture: str, display: np.ndarray, out: str) -> None:
    """Half picture, half map in the colours of jet, as Keras's example draws it (without matplotlib)."""
    jet = np.clip(1.5 - np.abs(4 * display[..., np.newaxis] - np.array([3, 2, 1])), 0, 1)
    pixels = read_picture(picture)[0]
    keras.utils.array_to_img((pixels + jet) / 2 * 255, scale=False).save(out)


def serve(path: str) -> None:
    """Reads {"image", "layer", "how": eager|compiled|vis} a line; answers {"ms", "map"}: milliseconds and raw map.

    Making the sub-model of a layer, and compiling it, is not counted: the first question of a layer pays for it.
    """
    model = with_logits(path)
    known = {}
    for line in sys.stdin:
        question = json.loads(line)
        key = (question["layer"], question["how"])
        if key not in known:
            known[key] = method(model, *key)
        start = time.perf_counter()
        raw, _ = known[key](question["image"])
        ms = (time.perf_counter() - start) * 1000
        print(json.dumps({"ms": ms, "map": raw.ravel().tolist()}), flush=True)


def versions() -> None:
    import tensorflow as tf

    try:
        vis = importlib.metadata.version("tf-keras-vis")
    except importlib.metadata.PackageNotFoundError:
        vis = None
    print(
        json.dumps(
            {
                "python": sys.version.split()[0],
                "tensorflow": tf.__version__,
                "keras": keras.__version__,
                "tfKerasVis": vis,
            }
        )
    )


def main() -> None:
    task, *arguments = sys.argv[1:]
    if task == "list":
        keras.models.load_model(arguments[0], compile=False).summary()
    elif task == "explain":
        path, picture, out = arguments
        _, display = GradCam(with_logits(path), LAYER, compiled=False)(picture)
        write_overlay(picture, display, out)
    elif task == "serve":
        serve(arguments[0])
    elif task == "versions":
        versions()
    else:
        sys.exit(f"unknown task {task}")


main()
