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


def write_settings(model_file: pathlib.Path, preprocessing: str, labels: list[str] | None = None, **more: object) -> None:
    """The sidecar `<model file>.layerglass.json` (`ModelSettings` in src/shared/inputs.ts); `more`: `alphabet`, `columns`."""
    settings: dict[str, object] = {"preprocessing": {"name": preprocessing}}
    if labels:
        settings["labels"] = labels
    settings |= more
    pathlib.Path(f"{model_file}.layerglass.json").write_text(json.dumps(settings, indent=2) + "\n")


def sigmoid_reference(
    name: str, model: keras.Model, x: np.ndarray | list[np.ndarray], keep: list[str], cam_layer: str | None
) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    """Writes test/fixtures/samples/<name>.npz for a model that ends in one sigmoid unit; `x` is a batch of one per input.

    The score is the logit z where class 1 is predicted and -z where class 0 is. Kept besides what `reference` keeps:
    `probability`, `gradcam.raw:<cam_layer>` and, for the class not predicted, `gradcam.other:<cam_layer>`; `peak` and
    `otherPeak` are where these have their maximum, in pixels of the first input.
    Returns what the index says of it, and the arrays.
    """
    logit_of = lambda trace, outputs: trace.pre[trace.order[-1]][0, 0]
    sign_of = lambda logit: 1 if logit >= 0 else -1
    arrays, trace, outputs, gradient_at = reference(model, x, keep, lambda *a: sign_of(logit_of(*a)) * logit_of(*a))
    logit = float(logit_of(trace, outputs))
    probability = np.float32(outputs[0][0, 0])
    arrays |= {"logit": np.float32(logit), "probability": probability}
    facts: dict[str, object] = {"expectedClass": int(logit >= 0), "logit": logit, "probability": float(probability)}
    if cam_layer:
        activation = trace.post[cam_layer][0].numpy()[0]
        gradient = gradient_at(trace.post[cam_layer][0]).numpy()[0]
        facts["camLayer"] = cam_layer
        for array, fact, sign in (("gradcam.raw", "peak", 1), ("gradcam.other", "otherPeak", -1)):
            raw = ref.grad_cam(activation, sign * gradient)
            arrays[f"{array}:{cam_layer}"] = raw
            if raw.ndim == 2 and raw.max() > 0:
                facts[fact] = list(ref.peak(raw, arrays["input.0"].shape[1:3]))
    save_arrays(name, arrays)
    return {"arrays": f"{name}.npz", **facts}, arrays


def reference(model: keras.Model, x: np.ndarray | list[np.ndarray], keep: list[str], score_of):
    """What real Keras computes for a batch of one per input.

    `score_of(trace, outputs)` is the scalar whose gradients are kept; `None` for none. Returns the arrays (`input.<i>`, `score`,
    `grad.in:<i>` of inputs of numbers, `pre:`/`post:`/`grad.post:` of the layers in `keep`), the trace, the outputs, and a
    function that gives the score's gradient at a tensor of the trace.
    """
    trace = ref.Trace()
    tensors = [tf.constant(one) for one in (x if isinstance(x, list) else [x])]
    with tf.GradientTape(persistent=True) as tape:
        for tensor in tensors:
            if tensor.dtype.is_floating:
                tape.watch(tensor)
        outputs = ref.run(model, tensors, trace)
        score = score_of(trace, outputs) if score_of else None
    ref.check_against_model(model, tensors, outputs)
    arrays = {f"input.{i}": ref.as_numpy(tensor) for i, tensor in enumerate(tensors)}
    if score_of:
        arrays["score"] = np.float32(score)
    for i, tensor in enumerate(tensors if score_of else []):
        if tensor.dtype.is_floating:
            arrays[f"grad.in:{i}"] = tape.gradient(score, tensor).numpy()
    for path in keep:
        if path in trace.pre:
            arrays[f"pre:{path}"] = trace.pre[path].numpy()
        arrays[f"post:{path}"] = ref.as_numpy(trace.post[path][0])
        gradient = tape.gradient(score, trace.post[path][0]) if score_of else None
        if gradient is not None:  # the last layer's output comes after the logit, which is the score
            arrays[f"grad.post:{path}"] = np.asarray(tf.convert_to_tensor(gradient))
    return arrays, trace, outputs, lambda tensor: tape.gradient(score, tensor)


def save_arrays(name: str, arrays: dict[str, np.ndarray]) -> None:
    REFERENCES.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(REFERENCES / f"{name}.npz", **arrays)


def inside(point: list[int], box: list[int]) -> bool:
    """Whether (x, y) lies in [x0, y0, x1, y1), pixels."""
    return box[0] <= point[0] < box[2] and box[1] <= point[1] < box[3]
