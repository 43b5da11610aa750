/** What an export of everything about one explanation wrote, and what it could not. */
export interface ExportedSet {
  readonly folder: string;
  /** Absolute paths, the index last. */
  readonly files: readonly string[];
  readonly missing: readonly MissingPart[];
  /** How CAM and Grad-CAM are related here; null where the model has no CAM. */
  readonly relation: string | null;
}

export interface MissingPart {
  /** "CAM" */
  readonly name: string;
  /** One sentence. */
  readonly why: string;
}

/** The files of a set; of several inputs, those with a map of each are numbered: `heat-map.0.png`. */
export const SET_FILES = [
  'original.png',
  'input.npy',
  'heat-map.png',
  'heat-map.npy',
  'overlay.png',
  'layer-output.npy',
  'layer-gradient.npy',
  'channel-weights.npy',
  'grad-cam.png',
  'grad-cam.npy',
  'cam.png',
  'cam.npy',
  'input-gradient.png',
  'input-gradient.npy',
  'guided-backprop.png',
  'guided-backprop.npy',
  'guided-grad-cam.png',
  'guided-grad-cam.npy',
  'README.txt',
  'index.json',
] as const;
export type SetFile = (typeof SET_FILES)[number];

/** Every name that a set of a model with so many inputs may have. */
export function setFileNames(inputs: number): readonly string[] {
  const numbered = Array.from({ length: inputs < 2 ? 0 : inputs }, (_, i) =>
    SET_FILES.map((name) => numberedFile(name, i, inputs)),
  );
  return [...SET_FILES, ...numbered.flat()];
}

/** `input.npy` of the only input, `input.1.npy` of the second of several. */
export function numberedFile(name: string, index: number, count: number): string {
  if (count === 1) return name;
  const dot = name.lastIndexOf('.');
  return `${name.slice(0, dot)}.${index}${name.slice(dot)}`;
}
