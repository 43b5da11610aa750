"""Sample 7: what makes this house expensive? A price from eight measurements, three of which have no part in it."""

import keras
import numpy as np
from common import SAMPLES, ref, reference, save_arrays, seed, write_settings
from keras import layers as L

FOLDER = SAMPLES / "7-table"
# Name with unit, and the range of the values.
COLUMNS = {
    "area_m2": (40, 240),
    "rooms": (1, 8),
    "age_years": (0, 120),
    "garden_m2": (0, 900),
    "station_km": (0.2, 12),
    "noise_db": (35, 75),
    "house_number": (1, 200),
    "agent_fee_percent": (1, 6),
}
WHOLE = ("rooms", "age_years", "house_number")


def houses(rng, count: int) -> np.ndarray:
    """Rows (count, 8) float32; every column is drawn by itself."""
    columns = [rng.uniform(low, high, count) for low, high in COLUMNS.values()]
    rounded = [np.round(column, 0 if name in WHOLE else 1) for name, column in zip(COLUMNS, columns, strict=True)]
    return np.stack(rounded, axis=1).astype(np.float32)


def price(x: np.ndarray) -> np.ndarray:
    """In units of 100,000 euros. The number of rooms, the house number and the agent's fee do not count; noise counts above 60 dB only."""
    area, _, age, garden, station, noise, _, _ = x.T
    return (60 + 3.2 * area - 0.9 * age + 0.12 * garden - 9 * station - 6 * np.maximum(noise - 60, 0)) / 100


def train(rng) -> keras.Model:
    x = houses(rng, 4000)
    y = price(x) + rng.normal(0, 0.03, len(x))
    normalization = L.Normalization(name="normalization")
    normalization.adapt(x[:3500])
    model = keras.Sequential([
        keras.Input((len(COLUMNS),), name="house"),
        normalization,
        L.Dense(32, activation="relu", name="dense"),
        L.Dense(16, activation="relu", name="dense_1"),
        L.Dense(1, name="price"),
    ], name="prices")
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(x[:3500], y[:3500], epochs=40, batch_size=64, verbose=0)
    model.optimizer.learning_rate = 0.001
    model.fit(x[:3500], y[:3500], epochs=20, batch_size=64, verbose=0)
    error = float(np.abs(model.predict(x[3500:], verbose=0)[:, 0] - price(x[3500:])).mean())
    print(f"prices: mean error {error:.3f}")
    assert error < 0.05, error
    return ref.without_training(model)


def make() -> list[dict]:
    rng = seed(77)
    FOLDER.mkdir(exist_ok=True)
    model = train(rng)
    ref.save_keras(model, FOLDER / "prices.keras", compress=True)
    write_settings(FOLDER / "prices.keras", "none", columns=list(COLUMNS))
    rows = np.array([
        [180, 5, 8, 600, 1.5, 45, 12, 3.6],
        [65, 3, 95, 0, 2, 72, 104, 2.4],
        [120, 4, 30, 250, 9.5, 50, 31, 3],
        [120, 7, 30, 250, 9.5, 50, 31, 3],
    ], np.float32)
    # In another order than the model's, with a column that it does not take: columns are found by name.
    order = ["house_number", *(name for name in COLUMNS if name != "house_number")]
    lines = [",".join(["street", *order])]
    for street, row in zip(("Oak Lane", "Mill Road", "Station Street", "Station Street"), rows, strict=True):
        lines.append(",".join([street, *(f"{row[list(COLUMNS).index(name)]:g}" for name in order)]))
    (FOLDER / "houses.csv").write_text("\n".join(lines) + "\n")
    x = rows[:1]
    arrays, _, outputs, _ = reference(
        model, x, ["normalization", "dense", "dense_1", "price"], lambda trace, outputs: outputs[0][0, 0])
    save_arrays("7-table-houses", arrays)
    value = float(outputs[0][0, 0])
    predicted = model.predict(rows, verbose=0)[:, 0]
    print(predicted, price(rows))
    # The known answer, checked in the model itself: what has no part in the price moves it by less than 15,000 euros over its range.
    effect = {}
    for i, (name, (low, high)) in enumerate(COLUMNS.items()):
        changed = np.repeat(x, 2, axis=0)
        changed[:, i] = low, high
        effect[name] = float(np.ptp(model.predict(changed, verbose=0)))
    print(effect)
    idle = ["rooms", "house_number", "agent_fee_percent"]
    assert max(effect[name] for name in idle) < 0.15 < min(effect[name] for name in COLUMNS if name not in idle), effect
    return [{"model": "7-table/prices.keras", "input": "7-table/houses.csv", "columns": list(COLUMNS), "idleColumns": idle,
             "value": value, "arrays": "7-table-houses.npz"}]
