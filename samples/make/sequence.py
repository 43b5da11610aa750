"""Sample 1: which input position made this pooled value? DNA without the step CG, against DNA with CG planted in it."""

import keras
import numpy as np
from common import SAMPLES, ref, seed, sigmoid_reference, write_settings
from keras import layers as L

FOLDER = SAMPLES / "1-sequence"
LENGTH, LETTERS = 1803, "ACGT"
C, G = LETTERS.index("C"), LETTERS.index("G")
PLANTED = (217, 904, 1466)


def background(rng, count: int) -> np.ndarray:
    """Random letters (count, 1803) in which C is never followed by G: the G of a chance CG becomes A or T."""
    letters = rng.integers(0, 4, (count, LENGTH))
    for i in range(1, LENGTH):
        step = (letters[:, i - 1] == C) & (letters[:, i] == G)
        letters[step, i] = rng.choice([0, 3], step.sum())
    return letters


def plant(letters: np.ndarray, position: int) -> None:
    """Writes CG at `position`, in place. Neither edge can make a second CG: what precedes C or follows G is no matter."""
    letters[position : position + 2] = C, G


def one_hot(letters: np.ndarray) -> np.ndarray:
    return np.eye(4, dtype=np.float32)[letters]


def train(rng, shuffle: bool = False) -> keras.Model:
    """`shuffle`: the labels are drawn anew, so that they say nothing of the letters."""
    letters = background(rng, 1200)
    labels = np.arange(1200) % 2
    for i in np.flatnonzero(labels):
        for position in rng.integers(0, LENGTH - 1, rng.integers(1, 5)):
            plant(letters[i], position)
    if shuffle:
        labels = rng.permutation(labels)
    model = keras.Sequential([
        keras.Input((LENGTH, 4), name="letters"),
        L.Conv1D(20, 2, activation="relu", name="conv1d"),
        L.GlobalMaxPooling1D(name="global_max_pooling1d"),
        L.Dense(1, activation="sigmoid", name="dense"),
    ], name="motif")
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    model.fit(one_hot(letters[:1000]), labels[:1000], epochs=20, batch_size=32, verbose=0)
    accuracy = model.evaluate(one_hot(letters[1000:]), labels[1000:], verbose=0)[1]
    print(f"motif: accuracy {accuracy:.3f}")
    assert shuffle or accuracy > 0.98, accuracy
    return model


def make() -> list[dict]:
    rng = seed(11)
    FOLDER.mkdir(exist_ok=True)
    model = train(rng)
    # With its optimizer, as a file straight from `fit` has it.
    ref.save_keras(model, FOLDER / "motif.keras")
    write_settings(FOLDER / "motif.keras", "none", ["no CG", "CG planted"], alphabet=LETTERS)
    marked, plain = background(rng, 2)
    for position in PLANTED:
        plant(marked, position)
    entries = []
    for name, sequence, expected, keep in (
        ("with-motif", marked, 1, ["conv1d", "global_max_pooling1d", "dense"]),
        ("without-motif", plain, 0, ["global_max_pooling1d", "dense"]),
    ):
        positions = list(PLANTED) if expected else []
        x = one_hot(sequence)[None]
        np.save(FOLDER / f"{name}.npy", x)
        text = "".join(LETTERS[i] for i in sequence)
        lines = "\n".join(text[i : i + 60] for i in range(0, LENGTH, 60))
        (FOLDER / f"{name}.fasta").write_text(f">{name}\n{lines}\n")
        facts, arrays = sigmoid_reference(f"1-sequence-{name}", model, x, keep, "conv1d" if expected else None)
        assert facts["expectedClass"] == expected
        entry = {"model": "1-sequence/motif.keras", "input": f"1-sequence/{name}.npy", "letters": LETTERS,
                 "plantedPositions": positions,
                 "expectedLabel": ["no CG", "CG planted"][expected], **facts}
        if expected:
            # The known answer: the unit that speaks loudest for "planted" has its maximum exactly where CG was planted.
            contributions = arrays["post:global_max_pooling1d"][0] * model.get_layer("dense").get_weights()[0][:, 0]
            unit = int(contributions.argmax())
            column = arrays["post:conv1d"][0, :, unit]
            assert np.flatnonzero(column == column.max()).tolist() == positions
            entry["strongestUnit"] = unit
        entries.append(entry)
    return entries
