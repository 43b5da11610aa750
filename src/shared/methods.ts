/** Static description of an explanation method, for pickers, the command line and the docs. */
export interface MethodInfo {
  readonly label: string;
  /** One sentence and the paper. */
  readonly description: string;
  /** Whether it explains at a selectable layer or at the input. */
  readonly scope: 'layer' | 'input';
  /** Whether negative values of its raw map are evidence against the target, or there are none. */
  readonly sign: 'signed' | 'positive';
}

/**
 * Every explanation method by its id, in the order of the pickers. The types, the schemas of requests and saved state, the
 * command line and the pages derive from this table; `server/explain/methods.ts` maps each id to its implementation.
 */
const TABLE = {
  'grad-cam': {
    label: 'Grad-CAM',
    description:
      'Where a layer’s channels support the class: channels weighted by their mean gradient (Selvaraju et al. 2017).',
    scope: 'layer',
    sign: 'positive',
  },
  saliency: {
    label: 'Gradient saliency',
    description: 'How sensitive the score is to each input value: |gradient| (Simonyan et al. 2013).',
    scope: 'input',
    sign: 'positive',
  },
  'guided-grad-cam': {
    label: 'Guided Grad-CAM',
    description:
      'Fine detail in the region of the class: guided backpropagation times Grad-CAM (Selvaraju et al. 2017). Sharper, but less faithful than Grad-CAM.',
    scope: 'layer',
    sign: 'positive',
  },
} as const satisfies Readonly<Record<string, MethodInfo>>;

export type MethodId = keyof typeof TABLE;

export const METHODS: Readonly<Record<MethodId, MethodInfo>> = TABLE;

/** In the order of the table. */
export const METHOD_IDS = Object.keys(METHODS) as readonly MethodId[];

/** The default method for each scope. */
const DEFAULTS: Readonly<Record<MethodInfo['scope'], MethodId>> = { layer: 'grad-cam', input: 'saliency' };

/** @param hasLayers whether a layer of the model has a spatial or temporal extent, so that it can have a map */
export const defaultMethod = (hasLayers: boolean): MethodId => DEFAULTS[hasLayers ? 'layer' : 'input'];

/** `method` if it explains at a layer, otherwise the default method that does: for "Explain Here". */
export const methodAtLayer = (method: MethodId): MethodId =>
  METHODS[method].scope === 'layer' ? method : DEFAULTS.layer;
