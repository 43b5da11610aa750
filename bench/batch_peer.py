"""Keras's side of bench/batch.mjs: predictions and Grad-CAM of a folder of images, in batches, compiled.

Usage: python batch_peer.py MODEL LAYER FOLDER COUNT

Prints one JSON line: images per second of `predict` alone, of `predict` and the maps after it, and of both in one pass, each from
decoding to values in memory, after a warm-up; and the peak memory in MiB. Nothing is drawn or written.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

BATCH = 32


def main(path: str, layer: str, folder: str, count: int) -> None:
    model = keras.models.load_model(path)
    files = sorted(Path(folder).iterdir())[:count]
    both = keras.Model(model.inputs, [model.get_layer(layer).output, model.output])

    def read(some: list[Path]) -> np.ndarray:
        """(images, height, width, 3), float32, from 0 to 1."""
        return np.stack([np.asarray(Image.open(file).convert("RGB"), np.float32) / 255 for file in some])

    @tf.function(reduce_retracing=True)
    def grad_cam(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Predictions and maps (images, rows, columns) of the class that is predicted."""
        with tf.GradientTape() as tape:
            values, predicted = both(images, training=False)
            tape.watch(values)
            score = tf.reduce_sum(tf.reduce_max(predicted, axis=-1))
        weights = tf.reduce_mean(tape.gradient(score, values), axis=(1, 2), keepdims=True)
        return predicted, tf.nn.relu(tf.reduce_sum(weights * values, axis=-1))

    def predict(images: np.ndarray) -> None:
        model.predict(images, batch_size=BATCH, verbose=0)

    def maps(images: np.ndarray) -> None:
        _, found = grad_cam(tf.constant(images))
        found.numpy()

    def predict_then_maps(images: np.ndarray) -> None:
        predict(images)
        maps(images)

    def per_second(work: Callable[[np.ndarray], None]) -> float:
        work(read(files[:BATCH]))
        start = time.perf_counter()
        for at in range(0, len(files), BATCH):
            work(read(files[at : at + BATCH]))
        return len(files) / (time.perf_counter() - start)

    rates = {name: per_second(work) for name, work in [("predict", predict), ("then", predict_then_maps), ("one", maps)]}
    print(json.dumps({**rates, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
