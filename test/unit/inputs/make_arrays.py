"""Small files as numpy itself writes them, and what Keras's own preprocessing makes of three pixels.

    python test/unit/inputs/make_arrays.py

Writes arrays.json beside this script: `npy` (each base64, each the array [[0, 1, 2], [3, 100, 127]] in C order unless its
entry says `values`), `npz` (base64), and `preprocessing`.
"""

import base64
import io
import json
import pathlib

import numpy as np
from keras.applications import imagenet_utils

ARRAY = np.array([[0, 1, 2], [3, 100, 127]])
PIXELS = np.array([[0, 128, 255], [12.5, 200, 33]], "float32")
DTYPES = ["|b1", "|i1", "|u1", "<f2", ">f2"] + [
    order + kind for order in "<>" for kind in ("i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")
]


def npy(array: np.ndarray, version: tuple[int, int] | None = None) -> str:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=True)
    return base64.b64encode(file.getvalue()).decode()


def npz(save: object, **arrays: np.ndarray) -> str:
    file = io.BytesIO()
    save(file, **arrays)
    return base64.b64encode(file.getvalue()).decode()


def main() -> None:
    fortran = np.asfortranarray(np.arange(24, dtype="float32").reshape(2, 3, 4))
    good = [{"name": t, "dtype": np.dtype(t).name, "npy": npy(ARRAY.astype(t))} for t in DTYPES]
    good[0]["values"] = [0, 1, 1, 1, 1, 1]
    good += [
        {"name": f"version {v}", "dtype": "float32", "npy": npy(ARRAY.astype("float32"), (v, 0))} for v in (1, 2, 3)
    ]
    halves = np.array([-1.5, 6.103515625e-05, 5.960464477539063e-08, 65504], "float16")
    good += [
        {"name": "halves", "dtype": "float16", "npy": npy(halves), "shape": [4], "values": halves.tolist()},
        {"name": "fortran", "dtype": "float32", "npy": npy(fortran), "shape": [2, 3, 4], "values": list(range(24))},
        {"name": "scalar", "dtype": "float64", "npy": npy(np.array(7.5)), "shape": [], "values": [7.5]},
        {"name": "empty", "dtype": "float32", "npy": npy(np.zeros((0, 3), "float32")), "shape": [0, 3], "values": []},
    ]
    strings = {
        "text": npy(np.array(["cat", "dog"])),
        "bytes": npy(np.array([b"cat"])),
    }
    bad = {
        "object": npy(np.array([{}, "x"], dtype=object)),
        "complex": npy(np.array([1 + 2j])),
        "record": npy(np.zeros(2, dtype=[("a", "f4"), ("b", "i4")])),
        "date": npy(np.array(["2024-01-01"], dtype="M8[D]")),
    }
    x = ARRAY.astype("float32")
    archives = {
        "one": npz(np.savez, x=x),
        "stored": npz(np.savez, image=x, other=np.zeros(2)),
        "deflated": npz(np.savez_compressed, image=x, other=np.zeros(2)),
        "none": npz(np.savez),
    }
    prepared = {
        mode: imagenet_utils.preprocess_input(PIXELS[None, None].copy(), mode=mode).ravel().tolist()
        for mode in ("tf", "caffe", "torch")
    }
    record = {
        "npy": good,
        "strings": strings,
        "bad": bad,
        "npz": archives,
        "preprocessing": {"pixels": PIXELS.ravel().tolist(), **prepared},
    }
    target = pathlib.Path(__file__).with_name("arrays.json")
    target.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
