/** What a step of the walkthrough shows: a model of the samples on its inputs. */
export interface Sample {
  /** Path in the folder of the samples. */
  readonly model: string;
  /** Paths in the same folder, one per input. */
  readonly inputs: readonly string[];
  /** The explain page, the page of a layer, or the model in the Layers view. */
  readonly shows: 'explanation' | 'layers' | { readonly layer: string };
}

/** By the number of their question in samples/README.md. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  1: {
    model: '1-sequence/motif.keras',
    inputs: ['1-sequence/with-motif.npy'],
    shows: { layer: 'global_max_pooling1d' },
  },
  2: {
    model: '2-triplet/triplet.h5',
    inputs: ['2-triplet/anchor.png', '2-triplet/positive.png', '2-triplet/negative.png'],
    shows: 'layers',
  },
  3: { model: '3-binary/spot/model.json', inputs: ['3-binary/digit.png'], shows: 'explanation' },
  4: {
    model: '4-cat-or-dog/cat-or-dog.keras',
    inputs: ['4-cat-or-dog/cat-and-dog.png'],
    shows: 'explanation',
  },
  5: { model: '5-sigmoid/scores.keras', inputs: ['5-sigmoid/sure.npy'], shows: { layer: 'dense_1' } },
};
