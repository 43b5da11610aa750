"""Trains and writes the sample models, their inputs and their reference values. About four minutes on two cores.

    python samples/make_samples.py [1 2 3 ...]

Writes into samples/ and test/fixtures/samples/ (index.json there says what to expect of each).
"""

import importlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "make"))

import common  # noqa: E402  (first: it sets TensorFlow's environment)

# Imported when it is their turn: some need packages that others do not.
MAKERS = {"1": "sequence", "2": "triplet", "3": "binary", "4": "cat_or_dog", "5": "sigmoid", "6": "text", "7": "table", "8": "segmentation", "9": "two_inputs"}
# Relative, against the largest magnitude of each array: TensorFlow and TF.js add in another order.
TOLERANCE = 1e-5


def main() -> None:
    common.REFERENCES.mkdir(parents=True, exist_ok=True)
    index_path = common.REFERENCES / "index.json"
    known = json.loads(index_path.read_text()) if index_path.exists() else []
    for number in sys.argv[1:] or MAKERS:
        made = [{"tolerance": TOLERANCE} | entry for entry in importlib.import_module(MAKERS[number]).make()]
        known = [entry for entry in known if not entry["model"].startswith(number)] + made
    known.sort(key=lambda entry: entry["model"])
    index_path.write_text(json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
