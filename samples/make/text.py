"""Sample 6: which words decided? Short reviews in which one phrase carries the verdict: "good", "not good", "never bad" ...
The model reads text: TextVectorization, with its vocabulary, is its first layer."""

import keras
import numpy as np
from common import SAMPLES, seed, sigmoid_reference, ref, tf, write_settings
from keras import layers as L

FOLDER = SAMPLES / "6-text"
LENGTH = 24
LABELS = ["negative", "positive"]
GOOD = ("good", "great", "lovely", "brilliant", "charming")
BAD = ("bad", "awful", "dull", "clumsy", "boring")
NEGATIONS = ("not", "never")
# Ground of both classes: what is said here tells nothing, "not" and "never" included.
OPENINGS = (
    "we saw it on a rainy monday", "my sister had two tickets left", "the hall was half empty", "it was not my idea to go",
    "I had never heard of the director", "they showed it without a break", "we came late and sat in front",
)
SUBJECTS = ("the music", "the plot", "the acting", "the ending", "the camera work", "the dialogue")
ENDINGS = (
    "my neighbour said the same", "we did not stay for the credits", "then we took the last bus home",
    "it runs until the end of may", "I will not tell you more", "we never found our umbrella", "the tickets cost nine euros",
)


def phrase(rng, positive: bool) -> list[str]:
    """The verdict: a word of the class, or a negated word of the other one."""
    negated = rng.random() < 0.5
    words = [str(rng.choice(GOOD if positive != negated else BAD))]
    return [str(rng.choice(NEGATIONS)), *words] if negated else words


def sentence(opening: str, subject: str, verdict: list[str], ending: str) -> tuple[str, list[int]]:
    """The text, and the positions of the verdict's words among its words, from 0."""
    before = [*opening.split(), "and", *subject.split(), "was"]
    text = f"{' '.join(before)} {' '.join(verdict)}, {ending}."
    return text[0].upper() + text[1:], list(range(len(before), len(before) + len(verdict)))


def example(rng, positive: bool) -> str:
    picked = (str(rng.choice(part)) for part in (OPENINGS, SUBJECTS, ENDINGS))
    opening, subject, ending = picked
    return sentence(opening, subject, phrase(rng, positive), ending)[0]


def train(rng) -> keras.Model:
    count = 3000
    labels = np.arange(count) % 2
    texts = np.array([[example(rng, bool(label))] for label in labels])
    words = L.TextVectorization(output_sequence_length=LENGTH, name="words")
    words.adapt(texts)
    text = keras.Input((1,), dtype="string", name="text")
    h = words(text)
    h = L.Embedding(words.vocabulary_size(), 12, name="embedding")(h)
    h = L.Conv1D(16, 2, padding="same", activation="relu", name="pairs")(h)
    h = L.GlobalMaxPooling1D(name="strongest")(h)
    model = keras.Model(text, L.Dense(1, activation="sigmoid", name="verdict")(h), name="review")
    model.compile(keras.optimizers.Adam(0.005), "binary_crossentropy", metrics=["accuracy"])
    tensors = tf.constant(texts)
    model.fit(tensors[:2500], labels[:2500], epochs=10, batch_size=32, verbose=0)
    accuracy = model.evaluate(tensors[2500:], labels[2500:], verbose=0)[1]
    print(f"review: accuracy {accuracy:.3f}")
    assert accuracy > 0.98, accuracy
    # Without the optimizer; a clone would lose the vocabulary.
    return keras.Model(model.inputs, model.outputs, name="review")


def make() -> list[dict]:
    rng = seed(66)
    FOLDER.mkdir(exist_ok=True)
    model = train(rng)
    ref.save_keras(model, FOLDER / "review.keras", compress=True)
    write_settings(FOLDER / "review.keras", "none", LABELS)
    entries = []
    for name, verdict, expected in (("good", ["good"], 1), ("not-good", ["not", "good"], 0), ("never-dull", ["never", "dull"], 1)):
        text, positions = sentence(OPENINGS[0], SUBJECTS[0], verdict, ENDINGS[1])
        (FOLDER / f"{name}.txt").write_text(f"{text}\n")
        facts, arrays = sigmoid_reference(
            f"6-text-{name}", model, np.array([[text]]), ["words", "embedding", "pairs", "strongest", "verdict"], "pairs")
        assert facts["expectedClass"] == expected, facts
        # The known answer: Grad-CAM is highest where a pair of words lies over the verdict.
        best = int(arrays["gradcam.raw:pairs"].argmax())
        print(name, facts, best, positions)
        assert best in range(positions[0] - 1, positions[-1] + 1), (best, positions)
        entries.append({"model": "6-text/review.keras", "input": f"6-text/{name}.txt", "wordPositions": positions,
                        "expectedLabel": LABELS[expected], **facts})
    return entries
