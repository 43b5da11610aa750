/** What is known of an explanation method before it runs: what pickers, the command line and the docs say of it. */
export interface MethodInfo {
  readonly label: string;
  /** One sentence and the paper. */
  readonly description: string;
  /** Whether it explains at a layer, which can be chosen, or at the input. */
  readonly scope: 'layer' | 'input';
  /** Whether its raw map holds evidence against the target as negative values, or none below 0. */
  readonly sign: 'signed' | 'positive';
}

/**
 * Every explanation method by its id, in the order in which pickers list them. The types, the schemas of requests and saved
 * state, the command line and the pages derive from this table; `server/explain/methods.ts` says what computes each.
 */
const TABLE = {
  'grad-cam': {
    label: 'Grad-CAM',
    description:
      'Where a layer’s channels speak for the class: channels weighted by their mean gradient (Selvaraju et al. 2017).',
    scope: 'layer',
    sign: 'positive',
  },
  saliency: {
    label: 'Gradient saliency',
    description: 'How strongly the score answers to each input value: |gradient| (Simonyan et al. 2013).',
    scope: 'input',
    sign: 'positive',
  },
  'guided-grad-cam': {
    label: 'Guided Grad-CAM',
    description:
      'Fine detail where the class is: guided backpropagation times Grad-CAM (Selvaraju et al. 2017). Sharp, but less faithful than Grad-CAM.',
    scope: 'layer',
    sign: 'positive',
  },
} as const satisfies Readonly<Record<string, MethodInfo>>;

export type MethodId = keyof typeof TABLE;

export const METHODS: Readonly<Record<MethodId, MethodInfo>> = TABLE;

/** In the order of the table. */
export const METHOD_IDS = Object.keys(METHODS) as readonly MethodId[];

/** What is taken where nobody has chosen a method, by what it explains at. */
const DEFAULTS: Readonly<Record<MethodInfo['scope'], MethodId>> = { layer: 'grad-cam', input: 'saliency' };

/** @param hasLayers whether the model has a layer with an extent in space or time, over which a map can be drawn. */
export const defaultMethod = (hasLayers: boolean): MethodId => DEFAULTS[hasLayers ? 'layer' : 'input'];

/** `method` if it explains at a layer, else the default one that does: what "explain here" means. */
export const methodAtLayer = (method: MethodId): MethodId =>
  METHODS[method].scope === 'layer' ? method : DEFAULTS.layer;
