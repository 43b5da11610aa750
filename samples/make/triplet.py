"""Sample 2: why is my output (None, 100, 100, 9)? The first 15 layers of ResNet50 cut to a model with 15 outputs, called
on three pictures; the `[0]` of each call is the picture itself. Random weights, as in the question."""

import keras
import numpy as np
from common import REFERENCES, SAMPLES, ref, seed, write_settings
from keras import layers as L
from PIL import Image
from skimage import data

FOLDER = SAMPLES / "2-triplet"
NAMES = ("anchor", "positive", "negative")


def build() -> keras.Model:
    base = keras.applications.ResNet50(include_top=False, weights=None, input_shape=(100, 100, 3))
    embedding = keras.Model(base.input, [layer.output for layer in base.layers[:15]], name="embedding")
    pictures = [keras.Input((100, 100, 3), name=name) for name in NAMES]
    outputs = [embedding(picture)[0] for picture in pictures]
    return keras.Model(pictures, L.Concatenate(name="concatenate")(outputs), name="triplet")


def pictures() -> list[np.ndarray]:
    """Two crops of the same cat and one of a cup, 100 x 100 RGB."""
    cat, cup = data.chelsea(), data.coffee()
    crops = (cat[20:220, 120:320], cat[60:260, 150:350], cup[100:300, 200:400])
    return [np.asarray(Image.fromarray(np.ascontiguousarray(c)).resize((100, 100), Image.Resampling.LANCZOS)) for c in crops]


def make() -> list[dict]:
    rng = seed(22)
    FOLDER.mkdir(exist_ok=True)
    model = build()
    for weight in model.weights:
        if weight.name == "moving_variance":
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("moving_mean", "bias", "beta"):
            weight.assign(rng.normal(0, 0.1, weight.shape))
    params = ref.parameters(model)
    assert params == {"total": 84608, "trainable": 84224, "nonTrainable": 384}, params
    assert model.output_shape == (None, 100, 100, 9)
    model.save(FOLDER / "triplet.h5")
    keras.models.load_model(FOLDER / "triplet.h5")
    write_settings(FOLDER / "triplet.h5", "0..1")
    arrays, inputs = {}, []
    for i, (name, picture) in enumerate(zip(NAMES, pictures(), strict=True)):
        Image.fromarray(picture).save(FOLDER / f"{name}.png", optimize=True)
        inputs.append((picture / np.float32(255)).astype(np.float32)[None])
        arrays[f"input.{i}"] = inputs[-1]
    trace = ref.Trace()
    outputs = ref.run(model, inputs, trace)
    ref.check_against_model(model, inputs, outputs)
    # The whole trace is 20 MB: one layer of the anchor's call and the means of every output of every call stand for it.
    kept = "embedding/conv2_block1_1_relu"
    arrays[f"post:{kept}"] = ref.as_numpy(trace.post[kept][0])
    for path in trace.order:
        if path.split("/")[0].split("@")[0] == "embedding" and "/" not in path:
            for k, tensor in enumerate(trace.post[path]):
                arrays[f"mean:{path}:{k}"] = np.float32(np.asarray(tensor).mean(dtype=np.float64))
    np.savez(REFERENCES / "2-triplet.npz", **arrays)
    return [{
        "model": "2-triplet/triplet.h5", "inputs": [f"2-triplet/{n}.png" for n in NAMES], "arrays": "2-triplet.npz",
        "params": params, "outputShape": [None, 100, 100, 9], "embeddingOutputs": trace.shapes["embedding"],
        "output": "the three inputs along the channels; mean:<path>:<k> is the mean of output k of that call",
    }]
