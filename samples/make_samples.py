"""Trains and writes the five sample models, their inputs and their reference values. About three minutes on two cores.

    python samples/make_samples.py [1 2 3 4 5]

Writes into samples/ and test/fixtures/samples/ (index.json there says what to expect of each).
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "make"))

import common  # noqa: E402  (first: it sets TensorFlow's environment)
import binary  # noqa: E402
import cat_or_dog  # noqa: E402
import sequence  # noqa: E402
import sigmoid  # noqa: E402
import triplet  # noqa: E402

MAKERS = {"1": sequence.make, "2": triplet.make, "3": binary.make, "4": cat_or_dog.make, "5": sigmoid.make}
# Relative, against the largest magnitude of each array: TensorFlow and TF.js add in another order.
TOLERANCE = 1e-5


def main() -> None:
    common.REFERENCES.mkdir(parents=True, exist_ok=True)
    index_path = common.REFERENCES / "index.json"
    known = json.loads(index_path.read_text()) if index_path.exists() else []
    for number in sys.argv[1:] or MAKERS:
        made = [{"tolerance": TOLERANCE} | entry for entry in MAKERS[number]()]
        known = [entry for entry in known if not entry["model"].startswith(number)] + made
    known.sort(key=lambda entry: entry["model"])
    index_path.write_text(json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
