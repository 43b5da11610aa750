import * as l10n from '@vscode/l10n';
import type { ViewNode } from './viewGraph';

/** Groups of layer classes that share a colour, in the order of legends. */
export const FAMILIES = [
  'input',
  'convolution',
  'dense',
  'recurrent',
  'attention',
  'normalization',
  'activation',
  'pooling',
  'merging',
  'reshaping',
  'regularization',
  'preprocessing',
  'group',
  'unknown',
  'other',
] as const;
export type Family = (typeof FAMILIES)[number];

export const FAMILY_LABELS: Readonly<Record<Family, string>> = {
  input: l10n.t('Input, output'),
  convolution: l10n.t('Convolution'),
  dense: l10n.t('Dense, matrix product'),
  recurrent: l10n.t('Recurrent'),
  attention: l10n.t('Attention, embedding'),
  normalization: l10n.t('Normalization'),
  activation: l10n.t('Activation'),
  pooling: l10n.t('Pooling, reduction'),
  merging: l10n.t('Merging, arithmetic'),
  reshaping: l10n.t('Reshaping'),
  regularization: l10n.t('Regularization'),
  preprocessing: l10n.t('Preprocessing'),
  group: l10n.t('Model, scope'),
  unknown: l10n.t('Not computed'),
  other: l10n.t('Other'),
};

/** The first pattern that the class matches, without the prefix of an operation (`tf.`, `ops.`); the order resolves overlaps. */
const PATTERNS: readonly (readonly [Family, RegExp])[] = [
  ['input', /^(InputLayer|Placeholder|Input)$/],
  ['recurrent', /LSTM|GRU|RNN|Bidirectional/],
  ['attention', /Attention|Embedding/],
  ['normalization', /Normalization|BatchNorm|LayerNorm|RMSNorm|^LRN$/],
  ['pooling', /Pool|^(Mean|Max|Min|Sum|Prod|Arg\w+|Reduce\w*|TopK\w*)$/i],
  ['convolution', /Conv|Depthwise/],
  ['dense', /Dense|MatMul|Einsum|^(Dot|Tensordot|Matmul)$|_MatMul/],
  ['regularization', /Dropout|Noise|Regularization/],
  [
    'preprocessing',
    /^(Rescaling|Resizing|CenterCrop|Random|TextVectorization|StringLookup|IntegerLookup|Hashing|CategoryEncoding|Discretization|MelSpectrogram)/,
  ],
  [
    'activation',
    /ReLU|Relu|^(Activation|Softmax|Sigmoid|Tanh|Elu|ELU|Selu|Swish|Silu|Gelu|Softplus|Softsign|HardSigmoid|LogSoftmax)$/i,
  ],
  [
    'merging',
    /^(Add\w*|BiasAdd|Subtract|Sub|Multiply|Mul|Average|Maximum|Minimum|Concat\w*|Divide|RealDiv|Div|Pow\w*|Sqrt|Rsqrt|Square\w*|Exp|Log|Neg\w*|Abs\w*|Select\w*|Where|TrueDivide)$/,
  ],
  [
    'reshaping',
    /Reshape|Flatten|Permute|Transpose|Padding|^Pad|Cropping|UpSampling|RepeatVector|Squeeze|ExpandDims|Slice|GetItem|Split|Gather|Tile|Pack|Stack|Shape|BatchToSpace|SpaceToBatch|Resize|SlicingOp|Cast/,
  ],
];

/** The family of a box, which decides its colour. */
export function familyOf({ kind, className, isUnknown }: ViewNode): Family {
  if (kind === 'input' || kind === 'output') return 'input';
  if (kind === 'group') return 'group';
  if (isUnknown) return 'unknown';
  const name = className.slice(className.lastIndexOf('.') + 1);
  return PATTERNS.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other';
}
