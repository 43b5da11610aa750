"""Sample 9: was it the image or the readings? A plate is faulty if it has a crack, or if the machine that made it shook; either is enough."""

import keras
import numpy as np
from common import SAMPLES, inside, ref, seed, sigmoid_reference, write_settings
from keras import layers as L
from PIL import Image, ImageDraw

FOLDER = SAMPLES / "9-two-inputs"
SIZE = 32
LABELS = ["sound", "faulty"]
# Name with unit, and the range of the values. Only the vibration counts, from 7 mm/s on.
COLUMNS = {"temperature_c": (15, 60), "vibration_mm_s": (0.5, 12), "speed_rpm": (600, 3000), "load_percent": (10, 100)}
VIBRATION, SHAKES = list(COLUMNS).index("vibration_mm_s"), 7


def plate(rng, crack: tuple[int, int, int, int] | None) -> np.ndarray:
    """A brushed grey plate (32, 32) uint8, with a dark line from (x0, y0) to (x1, y1)."""
    grey = np.clip(rng.uniform(130, 190) + rng.normal(0, 10, (SIZE, 1)) + rng.normal(0, 10, (SIZE, SIZE)), 0, 255)
    image = Image.fromarray(grey.astype(np.uint8))
    if crack:
        x0, y0, x1, y1 = crack
        bend = ((x0 + x1) // 2 + int(rng.integers(-2, 3)), (y0 + y1) // 2 + int(rng.integers(-2, 3)))
        ImageDraw.Draw(image).line([(x0, y0), bend, (x1, y1)], fill=int(rng.integers(20, 70)), width=2)
    return np.asarray(image)


def crack(rng) -> tuple[int, int, int, int]:
    x0, y0 = (int(v) for v in rng.integers(2, 18, 2))
    return x0, y0, x0 + int(rng.integers(6, 12)), y0 + int(rng.integers(6, 12))


def readings(rng, shakes: bool) -> np.ndarray:
    row = np.array([rng.uniform(low, high) for low, high in COLUMNS.values()], np.float32)
    row[VIBRATION] = rng.uniform(SHAKES + 0.5, 12) if shakes else rng.uniform(0.5, SHAKES - 0.5)
    return row


def as_input(grey: np.ndarray) -> np.ndarray:
    return (grey / np.float32(255)).astype(np.float32)[..., None]


def train(rng) -> keras.Model:
    count, held_out = 2400, 400
    kinds = rng.integers(0, 4, count)  # bit 0: a crack; bit 1: the machine shook
    images = np.stack([as_input(plate(rng, crack(rng) if kind & 1 else None)) for kind in kinds])
    rows = np.stack([readings(rng, bool(kind & 2)) for kind in kinds])
    labels = (kinds > 0).astype(np.float32)
    image = keras.Input((SIZE, SIZE, 1), name="plate")
    table = keras.Input((len(COLUMNS),), name="readings")
    h = L.Conv2D(8, 3, padding="same", activation="relu", name="conv")(image)
    h = L.MaxPooling2D(2, name="pool")(h)
    h = L.Conv2D(12, 3, padding="same", activation="relu", name="conv_1")(h)
    h = L.GlobalMaxPooling2D(name="strongest")(h)
    normalization = L.Normalization(name="normalization")
    normalization.adapt(rows[held_out:])
    t = L.Dense(8, activation="relu", name="dense")(normalization(table))
    h = L.Concatenate(name="join")([h, t])
    h = L.Dense(8, activation="relu", name="dense_1")(h)
    model = keras.Model([image, table], L.Dense(1, activation="sigmoid", name="verdict")(h), name="plates")
    model.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy", metrics=["accuracy"])
    # The sound plates are a quarter of all.
    weights = np.where(labels > 0, 1.0, 3.0)
    model.fit([images[held_out:], rows[held_out:]], labels[held_out:], sample_weight=weights[held_out:], epochs=12, batch_size=32, verbose=0)
    accuracy = model.evaluate([images[:held_out], rows[:held_out]], labels[:held_out], verbose=0)[1]
    print(f"plates: accuracy {accuracy:.3f}")
    assert accuracy > 0.97, accuracy
    return keras.Model(model.inputs, model.outputs, name="plates")


def check_truth(rng, model: keras.Model, images: dict[str, np.ndarray], rows: dict[str, np.ndarray]) -> None:
    """The known answers hold in the model itself: what is not to blame can be replaced, and the class stays."""

    def classes(image: np.ndarray | None, row: np.ndarray | None, count: int = 50) -> set[int]:
        """Of `count` plates; what is `None` is another one, sound and calm, each time."""
        plates = np.stack([as_input(plate(rng, None) if image is None else image) for _ in range(count)])
        tables = np.stack([readings(rng, False) if row is None else row for _ in range(count)])
        return set((model.predict([plates, tables], verbose=0)[:, 0] >= 0.5).astype(int).tolist())

    assert classes(images["cracked"], None) == {1} and classes(None, rows["shaking"]) == {1} and classes(None, None) == {0}
    for name in rows:
        table = np.stack([readings(rng, False) for _ in range(50)])
        table[:, VIBRATION] = rows[name][VIBRATION]
        p = model.predict([np.repeat(as_input(images["whole"])[None], 50, axis=0), table], verbose=0)[:, 0]
        assert set((p >= 0.5).tolist()) == {name == "shaking"}, (name, p)


def make() -> list[dict]:
    rng = seed(99)
    FOLDER.mkdir(exist_ok=True)
    model = train(rng)
    ref.save_keras(model, FOLDER / "plates.keras", compress=True)
    write_settings(FOLDER / "plates.keras", "0..1", LABELS, columns=list(COLUMNS))
    line = (9, 8, 19, 18)
    box = [line[0] - 2, line[1] - 2, line[2] + 3, line[3] + 3]
    images = {"cracked": plate(rng, line), "whole": plate(rng, None)}
    rows = {"calm": np.array([31, 2.4, 1450, 62], np.float32), "shaking": np.array([31, 9.8, 1450, 62], np.float32)}
    check_truth(rng, model, images, rows)
    for name, grey in images.items():
        Image.fromarray(grey).save(FOLDER / f"{name}.png", optimize=True)
    for name, row in rows.items():
        (FOLDER / f"{name}.csv").write_text(",".join(COLUMNS) + "\n" + ",".join(f"{value:g}" for value in row) + "\n")
    entries = []
    for image, row, expected, because in (
        ("cracked", "calm", 1, ["plate"]), ("whole", "shaking", 1, ["readings"]), ("whole", "calm", 0, ["plate", "readings"])):
        name = f"9-two-inputs-{image}-{row}"
        x = [as_input(images[image])[None], rows[row][None]]
        facts, _ = sigmoid_reference(name, model, x, ["conv_1", "strongest", "dense", "join", "verdict"], "conv_1")
        print(name, facts)
        assert facts["expectedClass"] == expected, facts
        if image == "cracked":
            assert inside(facts["peak"], box), (facts, box)
        entries.append({"model": "9-two-inputs/plates.keras", "inputs": [f"9-two-inputs/{image}.png", f"9-two-inputs/{row}.csv"],
                        "columns": list(COLUMNS), "because": because, **({"box": box} if image == "cracked" else {}),
                        "expectedLabel": LABELS[expected], **facts})
    return entries
