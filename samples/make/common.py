"""What every sample shares: where things lie, and the reference values of a trained model on one input."""

import json
import pathlib
import sys

SAMPLES = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = SAMPLES.parent / "test" / "fixtures"
sys.path.insert(0, str(FIXTURES))

import keras_reference as ref  # noqa: E402  (first: it sets TensorFlow's environment)

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

REFERENCES = FIXTURES / "samples"


def seed(number: int) -> np.random.Generator:
    """Fixes every source of chance; returns the generator to draw data from."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(number)
    tf.config.experimental.enable_op_determinism()
    return np.random.default_rng(number)


def write_settings(model_file: pathlib.Path, preprocessing: str, labels: list[str] | None = None) -> None:
    """The sidecar `<model file>.layerglass.json` (`ModelSettings` in src/shared/inputs.ts)."""
    settings: dict[str, object] = {"preprocessing": {"name": preprocessing}}
    if labels:
        settings["labels"] = labels
    pathlib.Path(f"{model_file}.layerglass.json").write_text(json.dumps(settings, indent=2) + "\n")


def sigmoid_reference(
    name: str, model: keras.Model, x: np.ndarray, keep: list[str], cam_layer: str | None
) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    """Writes test/fixtures/samples/<name>.npz for a model that ends in one sigmoid unit; `x` is a batch of one.

    The score is the logit z where class 1 is predicted and -z where class 0 is. Kept: `score`, `logit`, `probability`,
    `input.0`, `grad.in:0`, `pre:`/`post:`/`grad.post:` of the layers in `keep`, `gradcam.raw:<cam_layer>` and, for the class
    not predicted, `gradcam.other:<cam_layer>`; `peak` and `otherPeak` are where these have their maximum, in input pixels.
    Returns what the index says of it, and the arrays.
    """
    trace = ref.Trace()
    with tf.GradientTape(persistent=True) as tape:
        tensor = tf.constant(x)
        tape.watch(tensor)
        outputs = ref.run(model, [tensor], trace)
        logit = trace.pre[trace.order[-1]][0, 0]
        expected = int(logit >= 0)
        score = logit if expected else -logit
    ref.check_against_model(model, [tensor], outputs)
    arrays = {
        "input.0": x,
        "logit": np.float32(logit),
        "score": np.float32(score),
        "probability": np.float32(outputs[0][0, 0]),
        "grad.in:0": tape.gradient(score, tensor).numpy(),
    }
    for path in keep:
        if path in trace.pre:
            arrays[f"pre:{path}"] = trace.pre[path].numpy()
        arrays[f"post:{path}"] = trace.post[path][0].numpy()
        gradient = tape.gradient(score, trace.post[path][0])
        if gradient is not None:  # the last layer's output comes after the logit, which is the score
            arrays[f"grad.post:{path}"] = gradient.numpy()
    facts: dict[str, object] = {
        "expectedClass": expected, "logit": float(logit), "probability": float(outputs[0][0, 0]),
    }
    if cam_layer:
        activation = trace.post[cam_layer][0].numpy()[0]
        gradient = tape.gradient(score, trace.post[cam_layer][0]).numpy()[0]
        facts["camLayer"] = cam_layer
        for array, fact, sign in (("gradcam.raw", "peak", 1), ("gradcam.other", "otherPeak", -1)):
            raw = ref.grad_cam(activation, sign * gradient)
            arrays[f"{array}:{cam_layer}"] = raw
            if raw.ndim == 2 and raw.max() > 0:
                facts[fact] = list(ref.peak(raw, x.shape[1:3]))
    REFERENCES.mkdir(parents=True, exist_ok=True)
    np.savez(REFERENCES / f"{name}.npz", **arrays)
    return {"arrays": f"{name}.npz", **facts}, arrays


def inside(point: list[int], box: list[int]) -> bool:
    """Whether (x, y) lies in [x0, y0, x1, y1), pixels."""
    return box[0] <= point[0] < box[2] and box[1] <= point[1] < box[3]
