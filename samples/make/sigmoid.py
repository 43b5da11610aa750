"""Sample 5: what went into that sigmoid? Breast-cancer measurements (scikit-learn), Dense 612 softplus, Dense 1 sigmoid; for
one patient the output reads 1."""

import keras
import numpy as np
from common import SAMPLES, ref, seed, sigmoid_reference, write_settings
from keras import layers as L
from sklearn.datasets import load_breast_cancer

FOLDER = SAMPLES / "5-sigmoid"
# A logit near 16 gives a probability that prints as 1.0000000 in float32 and still is not 1.
WANTED_LOGIT = 16.0


def make() -> list[dict]:
    rng = seed(55)
    FOLDER.mkdir(exist_ok=True)
    measured = load_breast_cancer()
    x, labels = measured.data.astype(np.float32), measured.target
    order = rng.permutation(len(x))
    normalization = L.Normalization(name="normalization")
    normalization.adapt(x[order[:450]])
    model = keras.Sequential([
        keras.Input((30,), name="measurements"),
        normalization,
        L.Dense(612, activation="softplus", name="dense_612"),
        L.Dense(1, activation="sigmoid", name="dense_1"),
    ], name="scores")
    model.compile(keras.optimizers.Adam(0.002), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x[order[:450]], labels[order[:450]], epochs=60, batch_size=32, verbose=0)
    accuracy = model.evaluate(x[order[450:]], labels[order[450:]], verbose=0)[1]
    assert accuracy > 0.95, accuracy
    model = ref.without_training(model)
    ref.save_keras(model, FOLDER / "scores.keras")
    write_settings(FOLDER / "scores.keras", "none", [str(n) for n in measured.target_names])
    p = model.predict(x, verbose=0)[:, 0].astype(np.float64)
    z = np.log(np.maximum(p, 1e-30)) - np.log(np.maximum(1 - p, 6e-8))
    sure = int(np.abs(z - WANTED_LOGIT).argmin())
    chosen = {"sure": sure, "malignant": int(np.flatnonzero((labels == 0) & (p < 0.01))[0])}
    entries = []
    for name, row in chosen.items():
        np.save(FOLDER / f"{name}.npy", x[row : row + 1])
        facts, _ = sigmoid_reference(
            f"5-sigmoid-{name}", model, x[row : row + 1], ["normalization", "dense_612", "dense_1"], None)
        print(name, facts)
        assert facts["expectedClass"] == int(labels[row])
        entries.append({"model": "5-sigmoid/scores.keras", "input": f"5-sigmoid/{name}.npy",
                        "expectedLabel": str(measured.target_names[labels[row]]), **facts})
    assert f"{entries[0]['probability']:.6f}" == "1.000000" and entries[0]["probability"] < 1
    np.savez(FOLDER / "patients.npz", **{name: x[row : row + 1] for name, row in chosen.items()})
    return entries
