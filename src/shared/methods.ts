// A table of every method: longer than 400 lines.

import * as l10n from '@vscode/l10n';
import { fail } from './errors';

/** An argument of a method that the user may change. Its name is the one of `layerglass explain --option NAME=VALUE`. */
export type MethodOption = { readonly name: string; readonly description: string } & (
  | {
      readonly type: 'integer' | 'number';
      readonly default: number;
      readonly min: number;
      readonly max: number;
    }
  | {
      readonly type: 'choice';
      readonly default: string;
      readonly choices: readonly string[];
      /** Whether the path of an .npy file may be given instead of a choice. */
      readonly file?: boolean;
      /** The largest whole number, counted from 0, that may be given instead of a choice. */
      readonly maxIndex?: number;
    }
);

/** Values of a method's options by name. */
export type OptionValues = Readonly<Record<string, number | string>>;

/**
 * How a raw map is reduced to the map that is drawn. The channels of an input are summed, then `positive` keeps the evidence
 * for the target and `signed` also that against it, around zero; `absolute` is the largest |value| over the channels.
 */
export const DISPLAY_RULES = ['positive', 'signed', 'absolute'] as const;
export type DisplayRule = (typeof DISPLAY_RULES)[number];

/** Static description of an explanation method, for pickers, the command line and the docs. */
export interface MethodInfo {
  readonly label: string;
  /** The heading in pickers. */
  readonly group: 'Class activation' | 'Gradients' | 'Perturbation' | 'Attention';
  /** One sentence, without the paper. */
  readonly description: string;
  /** "Selvaraju et al. 2017". */
  readonly paper: string;
  /** Whether it explains at a selectable layer or at the input. */
  readonly scope: 'layer' | 'input';
  /** Whether negative values of its raw map are evidence against the target, or there are none. */
  readonly sign: 'signed' | 'positive';
  /** How its raw map is drawn unless the user chooses another way. */
  readonly display: DisplayRule;
  readonly options: readonly MethodOption[];
  /** In forward (F) and backward (B) passes of the model, and in the options. */
  readonly cost: string;
  /** For docs/methods.md: which of several forms it follows, and how well-known libraries differ. */
  readonly convention?: string;
}

/** The headings as they are shown. */
export const GROUP_LABELS: Readonly<Record<MethodInfo['group'], string>> = {
  'Class activation': l10n.t('Class activation'),
  Gradients: l10n.t('Gradients'),
  Perturbation: l10n.t('Perturbation'),
  Attention: l10n.t('Attention'),
};

/** Options of more than one method. */
const SEED = {
  name: 'seed',
  type: 'integer',
  default: 0,
  min: 0,
  max: 2 ** 31 - 1,
  description: l10n.t('Seed of the random numbers: the same seed gives the same map.'),
} as const satisfies MethodOption;
const BASELINE = {
  name: 'baseline',
  type: 'choice',
  default: 'zero',
  choices: ['zero', 'mean', 'blur'],
  file: true,
  description: l10n.t(
    'What stands for a missing value: zero, the mean of its channel, the blurred input, or an .npy file.',
  ),
} as const satisfies MethodOption;
const BASELINES = {
  ...BASELINE,
  description: l10n.t(
    'What the input is compared with: zero, the mean of each channel, the blurred input, or an .npy file, which may hold several of the shape of the input, [n, ...].',
  ),
} as const satisfies MethodOption;
const GROUPS = {
  name: 'groups',
  type: 'choice',
  default: 'auto',
  choices: ['auto', 'superpixels', 'grid', 'inputs'],
  file: true,
  description: l10n.t(
    'What is changed together: superpixels, boxes of a grid, whole inputs, or the group numbers of an .npy file; auto takes superpixels of an image, each token or column, windows of a sequence.',
  ),
} as const satisfies MethodOption;
const SEGMENTS = {
  name: 'segments',
  type: 'integer',
  default: 0,
  min: 0,
  max: 1024,
  description: l10n.t('About how many superpixels or boxes; 0 for 50.'),
} as const satisfies MethodOption;
const FUSE = {
  name: 'fuse',
  type: 'choice',
  default: 'mean',
  choices: ['mean', 'max', 'product'],
  description: l10n.t(
    'How the maps of several layers become one: mean or maximum of the maps divided by their largest values, or product of the maps scaled to 0..1.',
  ),
} as const satisfies MethodOption;
const NOISE = {
  name: 'noise',
  type: 'number',
  default: 0.15,
  min: 0,
  max: 10,
  description: l10n.t(
    'Standard deviation of the noise, as a share of the range (maximum - minimum) of the input.',
  ),
} as const satisfies MethodOption;
const NOISY_SAMPLES = {
  name: 'samples',
  type: 'integer',
  default: 25,
  min: 1,
  max: 10_000,
  description: l10n.t('Noisy copies of the input.'),
} as const satisfies MethodOption;
const QUERY = {
  name: 'query',
  type: 'choice',
  default: 'auto',
  choices: ['auto', 'mean'],
  maxIndex: 65_535,
  description: l10n.t(
    'Whose attention is drawn: that of the positions of the layer’s output that the score depends on (auto) or of all that no mask hides (mean), averaged, or of one position.',
  ),
} as const satisfies MethodOption;
export const COMMON_OPTIONS = { seed: SEED, fuse: FUSE } as const;

/**
 * Every explanation method by its id, in the order of the pickers. The types, the schemas of requests and saved state, the
 * command line, the pages and docs/methods.md derive from this table; `server/explain/methods.ts` maps each id to its
 * implementation.
 */
const TABLE = {
  cam: {
    label: 'CAM',
    group: 'Class activation',
    description: l10n.t(
      'Where a layer’s channels support the class: channels weighted by the last Dense layer, without any gradient.',
    ),
    paper: 'Zhou et al. 2016',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [FUSE],
    cost: '1F',
    convention:
      'For models that end in global average pooling and one Dense layer, at the layer that is pooled. There Grad-CAM, HiResCAM and XGrad-CAM of the logit are this map divided by the number of positions.',
  },
  'grad-cam': {
    label: 'Grad-CAM',
    group: 'Class activation',
    description: l10n.t(
      'Where a layer’s channels support the class: channels weighted by their mean gradient.',
    ),
    paper: 'Selvaraju et al. 2017',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [FUSE],
    cost: l10n.t('1F + 1B from the output to the layer'),
  },
  'grad-cam++': {
    label: 'Grad-CAM++',
    group: 'Class activation',
    description: l10n.t(
      'Grad-CAM for several objects of the class: channels weighted by their positive gradients.',
    ),
    paper: 'Chattopadhay et al. 2018',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [
      {
        name: 'form',
        type: 'choice',
        default: 'paper',
        choices: ['paper', 'xplique', 'tf-keras-vis'],
        description: l10n.t(
          'How the gradients weigh a channel: the closed form of the paper, or that of a library which differs from it.',
        ),
      },
      FUSE,
    ],
    cost: l10n.t('1F + 1B from the output to the layer'),
    convention:
      'The closed form of the paper: alpha = g^2 / (2 g^2 + sum(A) g^3 + 1e-6), weight = sum(alpha relu(g)), as pytorch-grad-cam. Xplique takes means in place of both sums; tf-keras-vis divides the alphas of a channel by their sum and multiplies the map by the exponential of the score. Both are options (`form`), the second without that exponential, which no scaled map shows.',
  },
  'hires-cam': {
    label: 'HiResCAM',
    group: 'Class activation',
    description: l10n.t(
      'Where each position of a layer supports the class: gradient times activation, not averaged.',
    ),
    paper: 'Draelos and Carin 2020',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [FUSE],
    cost: l10n.t('1F + 1B from the output to the layer'),
  },
  'layer-cam': {
    label: 'LayerCAM',
    group: 'Class activation',
    description: l10n.t(
      'Fine maps, also at early layers: positive gradient times activation at each position.',
    ),
    paper: 'Jiang et al. 2021',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [FUSE],
    cost: l10n.t('1F + 1B from the output to the layer'),
  },
  'xgrad-cam': {
    label: 'XGrad-CAM',
    group: 'Class activation',
    description: l10n.t('Grad-CAM whose weights add up to the score: gradients weighted by the activation.'),
    paper: 'Fu et al. 2020',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [FUSE],
    cost: l10n.t('1F + 1B from the output to the layer'),
  },
  'eigen-cam': {
    label: 'Eigen-CAM',
    group: 'Class activation',
    description: l10n.t('What stands out at a layer for any class: its first principal component.'),
    paper: 'Muhammad and Yeasin 2020',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [FUSE],
    cost: '1F',
    convention:
      'The channels are centred first, as in pytorch-grad-cam, and the component of largest size is positive. It does not depend on the target.',
  },
  'eigen-grad-cam': {
    label: 'EigenGrad-CAM',
    group: 'Class activation',
    description: l10n.t(
      'What stands out in the evidence at a layer: first principal component of gradient times activation.',
    ),
    paper: 'Gildenblat 2021',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [FUSE],
    cost: l10n.t('1F + 1B from the output to the layer'),
    convention: 'As Eigen-CAM, of gradient x activation, as in pytorch-grad-cam.',
  },
  'score-cam': {
    label: 'Score-CAM',
    group: 'Class activation',
    description: l10n.t(
      'Channels weighted by how much of the score they keep when they mask the input; no gradient.',
    ),
    paper: 'Wang et al. 2020',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [
      {
        name: 'channels',
        type: 'integer',
        default: 0,
        min: 0,
        max: 65_536,
        description: l10n.t(
          'How many channels are tried, those that vary most; 0 for all. The others have weight 0.',
        ),
      },
      FUSE,
    ],
    cost: l10n.t('one F per channel'),
    convention:
      'The weight is the increase of the score over the blank input (zeros), the channel-wise increase of confidence of the paper; a softmax of it over the channels, as in several libraries, is left out. Masks are resized with half-pixel centres.',
  },
  'ablation-cam': {
    label: 'Ablation-CAM',
    group: 'Class activation',
    description: l10n.t(
      'Channels weighted by the share of the score that is lost without them; no gradient.',
    ),
    paper: 'Ramaswamy and Desai 2020',
    scope: 'layer',
    sign: 'signed',
    display: 'positive',
    options: [FUSE],
    cost: l10n.t('one F from the layer on per channel'),
    convention:
      'A channel is set to 0, and the loss is divided by the size of the score. pytorch-grad-cam sets it far below the smallest value where that is not 0, and divides by the signed score.',
  },
  saliency: {
    label: 'Gradient saliency',
    group: 'Gradients',
    description: l10n.t('How sensitive the score is to each input value: |gradient|.'),
    paper: 'Simonyan et al. 2013',
    scope: 'input',
    sign: 'signed',
    display: 'absolute',
    options: [],
    cost: '1F + 1B',
  },
  'gradient-x-input': {
    label: 'Gradient x input',
    group: 'Gradients',
    description: l10n.t(
      'What each input value adds to the score, if the model were linear: value times gradient.',
    ),
    paper: 'Shrikumar et al. 2016',
    scope: 'input',
    sign: 'signed',
    display: 'signed',
    options: [],
    cost: '1F + 1B',
  },
  'smooth-grad': {
    label: 'SmoothGrad',
    group: 'Gradients',
    description: l10n.t(
      'How sensitive the score is to each input value on average, when noise is added to the input.',
    ),
    paper: 'Smilkov et al. 2017',
    scope: 'input',
    sign: 'signed',
    display: 'absolute',
    options: [NOISY_SAMPLES, NOISE, SEED],
    cost: '`samples` (F + B)',
    convention:
      'The noise has a share of the range of the input as its standard deviation and is added to all inputs at once; for text, to the embedding. The gradients are averaged with their signs and the absolute value is taken last, when the map is drawn. PAIR’s saliency averages their squares by default (SmoothGrad squared here), tf-keras-vis their absolute values; Captum and Xplique take the standard deviation itself, not a share of the range.',
  },
  'smooth-grad-squared': {
    label: 'SmoothGrad squared',
    group: 'Gradients',
    description: l10n.t(
      'How sensitive the score is to each input value when noise is added: the mean squared gradient.',
    ),
    paper: 'Hooker et al. 2019',
    scope: 'input',
    sign: 'positive',
    display: 'absolute',
    options: [NOISY_SAMPLES, NOISE, SEED],
    cost: '`samples` (F + B)',
    convention:
      'The noise has a share of the range of the input as its standard deviation and is added to all inputs at once; for text, to the embedding.',
  },
  'var-grad': {
    label: 'VarGrad',
    group: 'Gradients',
    description: l10n.t(
      'Where the sensitivity of the score varies most when noise is added to the input: the variance of the gradient.',
    ),
    paper: 'Adebayo et al. 2018',
    scope: 'input',
    sign: 'positive',
    display: 'absolute',
    options: [NOISY_SAMPLES, NOISE, SEED],
    cost: '`samples` (F + B)',
    convention:
      'The noise has a share of the range of the input as its standard deviation and is added to all inputs at once; for text, to the embedding. The variance is divided by the number of samples, not by one less.',
  },
  'integrated-gradients': {
    label: 'Integrated gradients',
    group: 'Gradients',
    description: l10n.t(
      'What each input value adds to the score on the way from a baseline: the values add up to the change of the score.',
    ),
    paper: 'Sundararajan et al. 2017',
    scope: 'input',
    sign: 'signed',
    display: 'signed',
    options: [
      {
        name: 'steps',
        type: 'integer',
        default: 50,
        min: 1,
        max: 1600,
        description: l10n.t(
          'Intervals of the path at first; doubled, up to 1,600, until the values add up to the change of the score, to 1 %.',
        ),
      },
      {
        name: 'at',
        type: 'choice',
        default: 'input',
        choices: ['input', 'layer'],
        description: l10n.t('Whether the values of the input are explained or those of the chosen layer.'),
      },
      BASELINE,
    ],
    cost: l10n.t('(`steps` + 1) (F + B), doubled up to 1,600 steps until the values add up'),
    convention:
      "Trapezoidal rule from the baseline to the input, both ends included and counted half; the steps are doubled as needed, which the libraries leave to the user. Captum takes 50 points of Gauss and Legendre, with which a kink at the baseline counts less; Xplique takes the trapezoidal rule over 50 points (49 steps), PAIR’s saliency the plain mean over 25 points, ends included. All inputs move together along one path. At a layer the path is that of its values, from those of the baseline to those of the input, as in Captum's LayerIntegratedGradients; everything beside the layer stays as it is.",
  },
  'expected-gradients': {
    label: 'Expected gradients',
    group: 'Gradients',
    description: l10n.t(
      'What each input value adds to the score on the way from many baselines, one random point from each (GradientSHAP).',
    ),
    paper: 'Erion et al. 2021',
    scope: 'input',
    sign: 'signed',
    display: 'signed',
    options: [
      {
        name: 'samples',
        type: 'integer',
        default: 100,
        min: 1,
        max: 10_000,
        description: l10n.t('Random points, each between a random baseline and the input.'),
      },
      {
        ...NOISE,
        description: l10n.t(
          'Standard deviation of the noise on a single baseline, as a share of the range (maximum - minimum) of the input; several baselines of a file get none.',
        ),
      },
      BASELINES,
      SEED,
    ],
    cost: '`samples` (2F + B)',
    convention:
      'As GradientSHAP, but the noise is on the baseline, not on the input as in Captum. The points are stratified: sample i of n lies at a random place in the i-th of n equal parts of the path. The scores of the same baselines tell how far the values are from adding up.',
  },
  'deep-lift': {
    label: 'DeepLIFT',
    group: 'Gradients',
    description: l10n.t(
      'What each input value adds to the score compared with a reference: activations count by their change, not their slope.',
    ),
    paper: 'Shrikumar et al. 2017',
    scope: 'input',
    sign: 'signed',
    display: 'signed',
    options: [BASELINES],
    cost: l10n.t('2F + 1B, for each reference after the first 1F + 1B more'),
    convention:
      'The rescale rule at elementwise activations, layers and operations alike; where the value before one changes by less than 1e-7, its slope. Max pooling passes its gradient (first maximum), as do products, softmax and recurrent layers, whose error is stated: the values then do not add up exactly. Several references are averaged, as in shap.',
  },
  'guided-backprop': {
    label: 'Guided backpropagation',
    group: 'Gradients',
    description: l10n.t(
      'Fine detail that activates the target: gradients of which only positive parts pass the rectifiers. Often nearly the same for all classes.',
    ),
    paper: 'Springenberg et al. 2015',
    scope: 'input',
    sign: 'signed',
    display: 'absolute',
    options: [],
    cost: '1F + 1B',
    convention: 'Only rectifiers whose negative side is 0 (ReLU, ReLU6) change the gradient.',
  },
  deconvnet: {
    label: 'DeconvNet',
    group: 'Gradients',
    description: l10n.t(
      'Patterns that would activate the target, projected back to the input; nearly the same for all classes.',
    ),
    paper: 'Zeiler and Fergus 2014',
    scope: 'input',
    sign: 'signed',
    display: 'absolute',
    options: [],
    cost: '1F + 1B',
    convention:
      'Only rectifiers whose negative side is 0 (ReLU, ReLU6) change the gradient. Max pooling goes back to its maxima, as its gradient does.',
  },
  'guided-grad-cam': {
    label: 'Guided Grad-CAM',
    group: 'Gradients',
    description: l10n.t(
      'Fine detail in the region of the class: guided backpropagation times Grad-CAM. Sharper, but less faithful than Grad-CAM.',
    ),
    paper: 'Selvaraju et al. 2017',
    scope: 'layer',
    sign: 'signed',
    display: 'absolute',
    options: [FUSE],
    cost: '1F + 2B',
    convention:
      'The positive part of Grad-CAM is resized with half-pixel centres, bilinear as in the paper, and multiplies guided backpropagation with its sign. Captum resizes it to the nearest cell by default.',
  },
  occlusion: {
    label: 'Occlusion',
    group: 'Perturbation',
    description: l10n.t(
      'How much of the score is lost when a sliding window covers each position, averaged over the windows.',
    ),
    paper: 'Zeiler and Fergus 2014',
    scope: 'input',
    sign: 'signed',
    display: 'positive',
    options: [
      {
        name: 'window',
        type: 'integer',
        default: 0,
        min: 0,
        max: 65_536,
        description: l10n.t(
          'Size of the window along each axis, in positions; 0 for one column or token, a hundredth of a sequence, an eighth of each side of an image, a quarter of those of a volume.',
        ),
      },
      {
        name: 'stride',
        type: 'integer',
        default: 0,
        min: 0,
        max: 65_536,
        description: l10n.t('Distance between two windows; 0 for half the window.'),
      },
      {
        name: 'overlap',
        type: 'choice',
        default: 'mean',
        choices: ['mean', 'sum'],
        description: l10n.t('What a position has of the windows that cover it.'),
      },
      BASELINE,
    ],
    cost: l10n.t('one F per window'),
    convention:
      'Overlapping windows are averaged, as in Captum; PAIR’s saliency and Xplique add them up (`overlap=sum`) and leave out a partial last window, which is kept here. All channels of a position are covered together; Xplique covers with 0.5 unless told otherwise, not with 0.',
  },
  'feature-ablation': {
    label: 'Feature ablation',
    group: 'Perturbation',
    description: l10n.t(
      'How much of the score is lost without each group: a superpixel, token, column or time window.',
    ),
    paper: 'Kokhlikyan et al. 2020',
    scope: 'input',
    sign: 'signed',
    display: 'positive',
    options: [GROUPS, SEGMENTS, BASELINE],
    cost: l10n.t('one F per group'),
    convention: 'As in Captum, every value of a group has the loss of score of the whole group.',
  },
  rise: {
    label: 'RISE',
    group: 'Perturbation',
    description: l10n.t(
      'How much higher the score is, on average, when random smooth masks keep a position.',
    ),
    paper: 'Petsiuk et al. 2018',
    scope: 'input',
    sign: 'signed',
    display: 'positive',
    options: [
      {
        name: 'samples',
        type: 'integer',
        default: 4000,
        min: 20,
        max: 100_000,
        description: l10n.t(
          'Masks at most; fewer are made if the ranking of the positions is stable before.',
        ),
      },
      {
        name: 'grid',
        type: 'integer',
        default: 7,
        min: 1,
        max: 64,
        description: l10n.t(
          'Cells of the random grid along each axis: more show finer detail and need more samples.',
        ),
      },
      {
        name: 'keep',
        type: 'number',
        default: 0.5,
        min: 0.01,
        max: 0.99,
        description: l10n.t('Share of the cells that a mask keeps.'),
      },
      BASELINE,
      SEED,
    ],
    cost: l10n.t('`samples` F per input, fewer if the ranking is stable before'),
    convention:
      'Each mask is shifted by itself, as in the authors’ code (Xplique shifts all masks of a batch alike), and the scores are divided by the sum of the masks, as in Xplique, instead of its expectation, which varies more. The mean score of all masks is subtracted, so that the map of a score that never changes is zero; the ranking is that of the paper.',
  },
  lime: {
    label: 'LIME',
    group: 'Perturbation',
    description: l10n.t('What each group adds to the score in a linear model fitted around the input.'),
    paper: 'Ribeiro et al. 2016',
    scope: 'input',
    sign: 'signed',
    display: 'positive',
    options: [
      {
        name: 'samples',
        type: 'integer',
        default: 1000,
        min: 20,
        max: 100_000,
        description: l10n.t('Inputs with some of the groups, to which the linear model is fitted.'),
      },
      GROUPS,
      SEGMENTS,
      {
        name: 'width',
        type: 'number',
        default: 0.25,
        min: 0.01,
        max: 1000,
        description: l10n.t('Width of the kernel: the smaller, the less inputs count that lack many groups.'),
      },
      {
        name: 'regression',
        type: 'choice',
        default: 'ridge',
        choices: ['ridge', 'lasso'],
        description: l10n.t(
          'What holds the coefficients down: their squares, or their sizes, which makes small ones 0.',
        ),
      },
      {
        name: 'alpha',
        type: 'number',
        default: 1,
        min: 1e-6,
        max: 1e6,
        description: l10n.t('How strongly they are held down.'),
      },
      BASELINE,
      SEED,
    ],
    cost: '`samples` F',
    convention:
      'Cosine distance, the kernel sqrt(exp(-d²/width²)) and ridge regression as in the authors’ package, without its selection of groups; what the package puts in place of a superpixel is the mean of that superpixel, here the `baseline`. Captum takes the cosine distance of the inputs themselves, a width of 1 and a lasso (`regression=lasso` here, with `alpha` 0.01); Xplique takes the Euclidean distance of the inputs. R² is stated with the map.',
  },
  'kernel-shap': {
    label: 'KernelSHAP',
    group: 'Perturbation',
    description: l10n.t(
      'Shapley value of each group: its mean contribution over all orders of adding the groups.',
    ),
    paper: 'Lundberg and Lee 2017',
    scope: 'input',
    sign: 'signed',
    display: 'positive',
    options: [
      {
        name: 'samples',
        type: 'integer',
        default: 2048,
        min: 20,
        max: 100_000,
        description: l10n.t(
          'Coalitions at most, where there are more than 11 groups; fewer if their ranking is stable before.',
        ),
      },
      GROUPS,
      SEGMENTS,
      BASELINE,
      SEED,
    ],
    convention:
      'Exact by enumeration for up to 11 groups. Else coalitions are drawn in pairs with their complements, with the probabilities of the Shapley kernel, and the values are constrained to add up (Covert and Lee 2021). The shap package selects groups by default (10 in recent versions, by AIC in older ones); here none is left out. Captum draws the coalitions one by one and weights the empty and the whole one by a million; Xplique leaves these two out, so that its values need not add up.',
    cost: l10n.t('2^groups F for up to 11 groups, else `samples` F, fewer if the ranking is stable before'),
  },
  attention: {
    label: 'Attention',
    group: 'Attention',
    description: l10n.t(
      'How strongly an attention layer looks at each position, for one head or over the heads; not evidence for a class.',
    ),
    paper: 'Vaswani et al. 2017',
    scope: 'layer',
    sign: 'positive',
    display: 'positive',
    options: [
      {
        name: 'head',
        type: 'choice',
        default: 'mean',
        choices: ['mean', 'max', 'min'],
        maxIndex: 4095,
        description: l10n.t('One head, or how the heads become one: their mean, largest or smallest weight.'),
      },
      QUERY,
    ],
    cost: l10n.t('1F + 1B from the output to the layer'),
    convention:
      'The raw map is the whole matrix [queries, keys] after masks and softmax, as Keras returns it with `return_attention_scores`; drawn are its rows by `query`, for each key. Keys are drawn on the input where the layers in between keep their order (also patches of an image, with class tokens beside them), else in positions of the layer. The target matters for `query=auto` only.',
  },
  'attention-rollout': {
    label: 'Attention rollout',
    group: 'Attention',
    description: l10n.t(
      'How much of each position reaches the output through all attention layers and the connections past them; not evidence for a class.',
    ),
    paper: 'Abnar and Zuidema 2020',
    scope: 'layer',
    sign: 'positive',
    display: 'positive',
    options: [QUERY],
    cost: l10n.t('1F + 1B from the output to the layer'),
    convention:
      'From the first self-attention layer to the chosen one: (A + I) / 2 with the heads averaged and nothing dropped, later layers on the left. The raw map is the whole matrix [positions of the layer, positions of the first]. Several implementations drop the smallest weights or take the largest head, which gives other maps. What other layers mix is not counted.',
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

/** Whether the map is that of a layer, which the user can choose. */
export const explainsLayer = (method: MethodId, { at }: OptionValues = {}): boolean =>
  METHODS[method].scope === 'layer' || at === 'layer';

/**
 * The options of a method: those given, checked, and the defaults of the others.
 * @throws Failure `bad-input` naming the option.
 * @example
 * optionsOf('smooth-grad', { samples: 50 }); // { samples: 50, noise: 0.15, seed: 0 }
 */
export function optionsOf(method: MethodId, given: OptionValues = {}): OptionValues {
  const { label, options } = METHODS[method];
  const names = options.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const has = names.length === 0 ? l10n.t('It has none.') : l10n.t('It has: {0}.', names.join(', '));
    fail('bad-input', l10n.t('{0} has no option "{1}".', label, name), { subject: name, remedy: has });
  }
  return Object.fromEntries(
    options.map((option) => [option.name, checked(label, option, given[option.name] ?? option.default)]),
  );
}

function checked(label: string, option: MethodOption, value: number | string): number | string {
  if (option.type === 'choice') {
    if (option.maxIndex !== undefined && /^\d+$/.test(String(value)) && Number(value) <= option.maxIndex)
      return Number(value);
    const isFile = option.file === true && typeof value === 'string' && /\.npy$/i.test(value);
    if (isFile || option.choices.includes(String(value))) return String(value);
    return failOption(label, option, choicesText(option));
  }
  const number = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
  const isRight = option.type === 'number' ? Number.isFinite(number) : Number.isInteger(number);
  if (isRight && number >= option.min && number <= option.max) return number;
  const { min, max } = option;
  const wanted =
    option.type === 'integer'
      ? l10n.t('Give a whole number from {0} to {1}.', min, max)
      : l10n.t('Give a number from {0} to {1}.', min, max);
  return failOption(label, option, wanted);
}

/** "Give mean, max, min or a number from 0 to 3." */
function choicesText({ choices, file, maxIndex }: Extract<MethodOption, { type: 'choice' }>): string {
  const names = choices.join(', ');
  if (file) return l10n.t('Give {0} or an .npy file.', names);
  return maxIndex === undefined
    ? l10n.t('Give {0}.', names)
    : l10n.t('Give {0} or a number from 0 to {1}.', names, maxIndex);
}

const failOption = (label: string, { name }: MethodOption, wanted: string): never =>
  fail('bad-input', l10n.t('The option "{0}" of {1} is not valid.', name, label), {
    subject: name,
    remedy: wanted,
  });
