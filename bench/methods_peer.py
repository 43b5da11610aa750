"""Every explanation method with plain Keras, TensorFlow and NumPy, for `methods.mjs`.

Usage: python methods_peer.py serve MODEL    answer questions on stdin, one JSON line each (see `serve`)

The gradient is that of the predicted class's logit, by an eager tape that watches no weights. What needs many inputs runs them in
batches of `BATCH`, as many as the question says, under random masks: the time of the model, whatever a method makes of the scores.
"""

import json
import sys
import time
from collections.abc import Callable

import peer
import keras
import numpy as np
import tensorflow as tf

BATCH = 32
GRADIENT_BATCH = 4


class Methods:
    """The methods on one model; each takes an image [1, h, w, 3], a layer and a number of forward passes, and returns a map."""

    def __init__(self, path: str) -> None:
        loaded = keras.models.load_model(path, compile=False)
        self.model = keras.Model(loaded.inputs[0], loaded.outputs[0])
        self.model.layers[-1].activation = keras.activations.linear
        self.parts = {}
        self.methods = {
            "cam": self.cam,
            "grad-cam": self.at_layer(lambda a, g: tf.reduce_sum(a * tf.reduce_mean(g, (0, 1)), -1)),
            "grad-cam++": self.at_layer(plus_plus),
            "hires-cam": self.at_layer(lambda a, g: tf.reduce_sum(a * g, -1)),
            "layer-cam": self.at_layer(lambda a, g: tf.reduce_sum(a * tf.nn.relu(g), -1)),
            "xgrad-cam": self.at_layer(lambda a, g: tf.reduce_sum(a * tf.reduce_sum(a * g, (0, 1)) / (tf.reduce_sum(a, (0, 1)) + 1e-7), -1)),
            "eigen-cam": lambda x, layer, _: component(self.part(layer)(x, training=False)[0][0]),
            "eigen-grad-cam": self.at_layer(lambda a, g: component(a * g)),
            "score-cam": self.score_cam,
            "ablation-cam": self.ablation_cam,
            "saliency": lambda x, *_: self.gradient(x)[0],
            "gradient-x-input": lambda x, *_: (x * self.gradient(x))[0],
            "guided-backprop": lambda x, *_: self.rectified(x, lambda open, g: open * tf.nn.relu(g)),
            "deconvnet": lambda x, *_: self.rectified(x, lambda _, g: tf.nn.relu(g)),
            "integrated-gradients": lambda x, _, passes: self.mean_gradient(np.linspace(0, 1, passes)[:, None, None, None] * x),
            **dict.fromkeys(("smooth-grad", "smooth-grad-squared", "var-grad", "expected-gradients"), self.noisy),
            **dict.fromkeys(("occlusion", "feature-ablation", "rise", "lime", "kernel-shap"), self.masked),
        }  # fmt: skip

    def part(self, layer: str) -> keras.Model:
        """The model with the values of a layer beside its output."""
        if layer not in self.parts:
            self.parts[layer] = keras.Model(self.model.inputs[0], [self.model.get_layer(layer).output, self.model.outputs[0]])
        return self.parts[layer]

    def at_layer(self, combine: Callable) -> Callable:
        def compute(x, layer, _):
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                x = tf.constant(x)
                tape.watch(x)
                values, scores = self.part(layer)(x, training=False)
                score = tf.reduce_max(scores)
            return combine(values[0], tape.gradient(score, values)[0])

        return compute

    def cam(self, x, layer, _):
        values, scores = self.part(layer)(x, training=False)
        return tf.linalg.matvec(values[0], self.model.layers[-1].kernel[:, int(tf.argmax(scores[0]))])

    def gradient(self, x):
        x = tf.constant(x, tf.float32)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            score = tf.reduce_sum(tf.reduce_max(self.model(x, training=False), -1))
        return tape.gradient(score, x)

    def mean_gradient(self, xs):
        parts = [xs[i : i + GRADIENT_BATCH] for i in range(0, len(xs), GRADIENT_BATCH)]
        return sum(tf.reduce_sum(self.gradient(part), 0) for part in parts) / len(xs)

    def noisy(self, x, _, passes):
        return self.mean_gradient(x + np.random.default_rng(0).normal(0, 0.15, (passes, *x.shape[1:])).astype(np.float32))

    def rectified(self, x, rule: Callable):
        """The gradient with `rule(open, gradient)` at each ReLU and ReLU6."""

        def rectifier(ceiling: float) -> Callable:
            @tf.custom_gradient
            def forward(z):
                return tf.clip_by_value(z, 0, ceiling), lambda g: rule(tf.cast((z > 0) & (z < ceiling), g.dtype), g)

            return forward

        fused = [layer for layer in self.model.layers if getattr(layer, "activation", None) is keras.activations.relu]
        layers = [layer for layer in self.model.layers if isinstance(layer, keras.layers.ReLU)]
        for layer in fused:
            layer.activation = rectifier(np.inf)
        for layer in layers:
            layer.call = rectifier(np.inf if layer.max_value is None else layer.max_value)
        try:
            return self.gradient(x)[0]
        finally:
            for layer in fused:
                layer.activation = keras.activations.relu
            for layer in layers:
                del layer.call

    def scores(self, x, masks):
        """Scores under `masks` [n, h, w] of any size."""
        found = []
        for i in range(0, len(masks), BATCH):
            resized = tf.image.resize(masks[i : i + BATCH, ..., None], x.shape[1:3])
            found.append(tf.reduce_max(self.model(x * resized, training=False), -1))
        return tf.concat(found, 0)

    def masked(self, x, _, passes):
        masks = np.random.default_rng(0).integers(0, 2, (passes, 7, 7)).astype(np.float32)
        return tf.tensordot(self.scores(x, masks), masks, 1)

    def score_cam(self, x, layer, passes):
        values = self.part(layer)(x, training=False)[0][0]
        low, high = tf.reduce_min(values, (0, 1)), tf.reduce_max(values, (0, 1))
        masks = tf.transpose((values - low) / (high - low + 1e-7), (2, 0, 1))[:passes]
        return tf.tensordot(self.scores(x, masks), masks, 1)

    def ablation_cam(self, x, layer, passes):
        values, scores = self.part(layer)(x, training=False)
        target = int(tf.argmax(scores[0]))
        if (layer, "rest") not in self.parts:
            self.parts[layer, "rest"] = keras.Model(self.model.get_layer(layer).output, self.model.outputs[0])
        kept = 1 - tf.eye(values.shape[-1])[:passes]
        found = [
            self.parts[layer, "rest"](values * kept[i : i + BATCH, None, None], training=False)[:, target]
            for i in range(0, len(kept), BATCH)
        ]
        weights = scores[0, target] - tf.concat(found, 0)
        return tf.linalg.matvec(values[0, ..., : len(kept)], weights)


def plus_plus(a, g):
    alpha = g**2 / (2 * g**2 + tf.reduce_sum(a, (0, 1)) * g**3 + 1e-6)
    return tf.reduce_sum(a * tf.reduce_sum(alpha * tf.nn.relu(g), (0, 1)), -1)


def component(values):
    rows = tf.reshape(values, (-1, values.shape[-1]))
    s, u, _ = tf.linalg.svd(rows - tf.reduce_mean(rows, 0))
    return tf.reshape(u[:, 0] * s[0], values.shape[:-1])


def serve(path: str) -> None:
    """Reads {"input", "layer", "how": id of a method, "passes"} a line; answers {"ms"}, which is null for a method that is not written here."""
    methods = Methods(path)
    for line in sys.stdin:
        question = json.loads(line)
        compute = methods.methods.get(question["how"])
        if compute is None:
            print(json.dumps({"ms": None}), flush=True)
            continue
        start = time.perf_counter()
        x = peer.read_input(question["input"], methods.model.input_shape[1])
        np.asarray(compute(x, question["layer"], question["passes"]))
        print(json.dumps({"ms": (time.perf_counter() - start) * 1000}), flush=True)


if __name__ == "__main__":
    serve(sys.argv[2])
