import { ALL_INPUTS } from '../../../src/shared/gallery/galleryFilter';
import type { GalleryContext } from '../../../src/shared/gallery/galleryView';
import type { PredictedInput, Thumbnail } from '../../../src/shared/results/gallery';

const predicted = (index: number, probability: number): PredictedInput => ({
  ok: true,
  value: {
    index,
    logit: Math.log(probability / (1 - probability)),
    probability,
    margin: 2 * probability - 1,
  },
});

/** Cats and dogs: number 2 is predicted wrong, number 5 cannot be read, number 4 is unsure, number 6 has no label. */
export const cannedGallery = (more: Partial<GalleryContext> = {}): GalleryContext => ({
  modelPath: '/models/pets.keras',
  fileName: 'pets.keras',
  sources: ['test', 'more.npz'],
  names: ['cat 1.png', 'cat 2.png', 'cat 3.png', 'dog 1.png', 'dog 2.png', 'broken.png', 'unknown.png'],
  truths: [0, 0, 0, 1, 1, 1, null],
  labels: ['cat', 'dog'],
  preprocessing: '0..1',
  notices: [],
  version: 'first',
  kind: 'class',
  predictions: [
    predicted(0, 0.98),
    predicted(0, 0.91),
    predicted(1, 0.84),
    predicted(1, 0.99),
    predicted(1, 0.55),
    { ok: false, error: { kind: 'bad-input', message: 'broken.png is damaged.' } },
    predicted(0, 0.77),
  ],
  filter: ALL_INPUTS,
  outputs: ['pet'],
  output: 0,
  ...more,
});

/** Many inputs, none of which is predicted yet. */
export const manyInputs = (count: number): GalleryContext =>
  cannedGallery({
    names: Array.from({ length: count }, (_, i) => `test.npz, sample ${i}`),
    truths: Array.from({ length: count }, (_, i) => i % 2),
    predictions: Array.from({ length: count }, () => null),
    kind: null,
  });

export const nextPredicted = (count: number): PredictedInput[] =>
  Array.from({ length: count }, (_, i) => predicted(i % 3 === 0 ? 0 : 1, 0.9));

/** A picture of 8 x 8 with a colour per place. */
export const thumbnailOf = (place: number): Thumbnail => {
  const bytes = new Uint8Array(8 * 8 * 3);
  for (let i = 0; i < 64; i += 1) bytes.set([(place * 53) % 256, (i * 4) % 256, (place * 97) % 256], i * 3);
  return {
    kind: 'image',
    image: { shape: [8, 8, 3], dtype: 'uint8', data: Buffer.from(bytes).toString('base64') },
  };
};
