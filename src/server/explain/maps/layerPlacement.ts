import type { AxisPlacement } from '../../../shared/explanation';
import type { GraphNode } from '../../graph/graph';
import type { LayerConfig } from '../../graph/layerConfig';
import { OpConfig } from '../../graph/opConfig';
import { axesOf, UNIT_AXIS } from '../../layers/convolution/convolutionConfig';
import type { SpatialRank } from '../../layers/support/layout';
import { type Axis, type PaddingName, padsOf, span } from '../../layers/support/windows';
import { perSpace } from '../../operations/tensorflow/imageOps';

/** The sizes of the spatial axes of a layer's input and output. */
export interface Sizes {
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/**
 * Where the cells of a layer's output are on its input, one placement per spatial axis; `same` for a layer that works on every
 * position separately; `mixed` for one that keeps the positions but also uses others; `null` if unknown.
 */
export type LayerPlacement = readonly AxisPlacement[] | 'same' | 'mixed' | null;

type Rule = (node: GraphNode, sizes: Sizes) => LayerPlacement;

/** The placement of a node; `null` for a class that is not listed. @param sizes of the first input and output. */
export function layerPlacement(node: GraphNode, sizes: Sizes): LayerPlacement {
  const name = plainName(node);
  if (node.config instanceof OpConfig) {
    const rule = OPERATIONS.get(name);
    if (rule) return rule(node, sizes);
  } else {
    const rule = LAYERS.get(name);
    if (rule) return rule(node, sizes);
  }
  return SAME.has(name) ? 'same' : MIXED.has(name) ? 'mixed' : null;
}

/** Whether each value of a layer's output depends on the values at the same place of its inputs alone, channel included. */
export const isElementwise = (node: GraphNode): boolean => SAME.has(plainName(node));

/** The class of a layer or operation without its module, in lower case. */
export const plainName = ({ className }: Pick<GraphNode, 'className'>): string =>
  className.split('.').at(-1)?.toLowerCase() ?? '';

/** Names of layers and operations, without their module. */
const SAME: ReadonlySet<string> = new Set([
  ...['activation', 'relu', 'relu6', 'leakyrelu', 'thresholdedrelu', 'elu', 'prelu', 'softplus', 'softsign'],
  ...[
    'sigmoid',
    'silu',
    'swish',
    'tanh',
    'gelu',
    'selu',
    'mish',
    'exp',
    'square',
    'sqrt',
    'rsqrt',
    'negative',
    'neg',
  ],
  ...['batchnormalization', 'batchnormalizationv1', 'batchnormalizationv2', 'syncbatchnormalization'],
  ...['fusedbatchnorm', 'fusedbatchnormv2', 'fusedbatchnormv3', 'biasadd', 'biasaddv1'],
  ...[
    'dropout',
    'spatialdropout1d',
    'spatialdropout2d',
    'spatialdropout3d',
    'gaussiandropout',
    'gaussiannoise',
  ],
  ...['alphadropout', 'activityregularization', 'masking', 'identity', 'inputlayer', 'cast', 'stopgradient'],
  ...['rescaling', 'normalization', 'embedding'],
  ...['add', 'addv2', 'addn', 'subtract', 'sub', 'multiply', 'mul', 'average', 'maximum', 'minimum'],
  ...['truediv', 'realdiv', 'divide'],
]);

const MIXED: ReadonlySet<string> = new Set([
  ...['groupnormalization', 'multiheadattention', 'groupqueryattention', 'groupedqueryattention'],
  ...['attention', 'additiveattention', 'bidirectional'],
]);

/** One window of a convolution or pooling on an axis of `size`. */
const windowed = (axis: Axis, before: number): AxisPlacement => ({
  centre: (span(axis) - 1) / 2 - before,
  stride: axis.stride,
  window: span(axis),
});

const shifted = (by: number): AxisPlacement => ({ centre: by, stride: 1, window: 1 });

const convolution =
  (spatial: SpatialRank): Rule =>
  ({ config }, { input }) => {
    const padding = config.choice('padding', ['valid', 'same', 'causal'], 'valid');
    return windowsOnAxes(axesOf(config, spatial), input, padding);
  };

const pooling =
  (spatial: SpatialRank): Rule =>
  ({ config }, { input }) => {
    const windows = config.ints('pool_size', spatial, 2);
    const strides = config.has('strides') ? config.ints('strides', spatial) : windows;
    const axes = windows.map((window, i) => ({ window, stride: strides[i] ?? window, dilation: 1 }));
    return windowsOnAxes(axes, input, config.choice('padding', ['valid', 'same'], 'valid'));
  };

const windowsOnAxes = (
  axes: readonly Axis[],
  input: readonly number[],
  padding: PaddingName,
): AxisPlacement[] => axes.map((axis, i) => windowed(axis, padsOf(axis, input[i] ?? 0, padding)[0]));

/** The inverse of the convolution's placement. The window is unknown, because the inputs of output i depend on i. */
const transposed =
  (spatial: SpatialRank): Rule =>
  ({ config }, { output }) => {
    if (config.has('output_padding')) return null;
    const padding = config.choice('padding', ['valid', 'same'], 'valid');
    return axesOf(config, spatial).map((axis, i) => {
      const { centre } = windowed(axis, padsOf(axis, output[i] ?? 0, padding)[0]);
      return { centre: -centre / axis.stride, stride: 1 / axis.stride, window: null };
    });
  };

const padding =
  (key: 'padding' | 'cropping', spatial: SpatialRank): Rule =>
  ({ config }, { input, output }) => {
    const given = config.raw(key);
    if (given === undefined) return key === 'cropping' && spatial === 2 ? 'same' : null;
    const list: readonly unknown[] =
      spatial === 1 ? [given] : Array.isArray(given) ? given : new Array(spatial).fill(given);
    return input.map((size, i) => {
      const [before = 0] = config.intList(key, list[i]);
      return shifted(key === 'cropping' ? before : size === output[i] ? 0 : -before);
    });
  };

/** Each output position is inside one input position, at half-pixel centres; the window depends on the interpolation. */
const upsampling: Rule = (_node, { input, output }) =>
  input.map((size, i) => {
    const stride = size / (output[i] ?? size);
    return { centre: stride / 2 - 0.5, stride, window: null };
  });

/** Layers that normalise along some axes: positions stay separate only if that is the channel axis alone. */
const alongChannels: Rule = ({ config }) => {
  const axis = config.raw('axis') ?? -1;
  const axes: readonly unknown[] = Array.isArray(axis) ? axis : [axis];
  return axes.length === 1 && axes[0] === -1 ? 'same' : 'mixed';
};

const recurrent: Rule = ({ config }) =>
  config.bool('return_sequences', false) && !config.bool('go_backwards', false) ? 'mixed' : null;

const byRank = (name: string, rule: (spatial: SpatialRank) => Rule): [string, Rule][] =>
  ([1, 2, 3] as const).map((spatial) => [`${name}${spatial}d`, rule(spatial)]);

const LAYERS: ReadonlyMap<string, Rule> = new Map([
  ...[
    'conv',
    'convolution',
    'depthwiseconv',
    'separableconv',
    'separableconvolution',
    'locallyconnected',
  ].flatMap((name) => byRank(name, convolution)),
  ...['maxpooling', 'averagepooling', 'maxpool', 'avgpool'].flatMap((name) => byRank(name, pooling)),
  ...([1, 2, 3] as const).flatMap((spatial): [string, Rule][] => [
    [`conv${spatial}dtranspose`, transposed(spatial)],
    [`convolution${spatial}dtranspose`, transposed(spatial)],
  ]),
  ...byRank('zeropadding', (spatial) => padding('padding', spatial)),
  ...byRank('cropping', (spatial) => padding('cropping', spatial)),
  ...byRank('upsampling', () => upsampling),
  ['dense', () => 'same'],
  ['softmax', alongChannels],
  ['layernormalization', alongChannels],
  ['unitnormalization', alongChannels],
  ['rmsnormalization', alongChannels],
  ['simplernn', recurrent],
  ['lstm', recurrent],
  ['gru', recurrent],
  ['timedistributed', (_node, { input }) => (input.length === 1 ? 'same' : null)],
]);

const opConvolution: Rule = ({ config }, { input }) => {
  if (!(config instanceof OpConfig)) return null;
  return opWindowsOnAxes(config, config.operands[1]?.shape.slice(0, input.length) ?? [], input);
};

const opPooling: Rule = ({ config }, { input }) =>
  config instanceof OpConfig
    ? opWindowsOnAxes(config, perSpace(config, 'ksize', rankOf(input)), input)
    : null;

const rankOf = (input: readonly number[]): 2 | 3 => (input.length === 3 ? 3 : 2);

function opWindowsOnAxes(
  config: OpConfig,
  windows: readonly (number | null)[],
  input: readonly number[],
): readonly AxisPlacement[] | null {
  const spatial = rankOf(input);
  const strides = perSpace(config, 'strides', spatial);
  const dilations = perSpace(config, 'dilations', spatial, 1);
  const axes = windows.map((window, i) => ({
    window: window ?? 1,
    stride: strides[i] ?? 1,
    dilation: dilations[i] ?? 1,
  }));
  const name = paddingName(config);
  if (axes.length !== input.length || windows.includes(null) || name === null) return null;
  return windowsOnAxes(axes, input, name);
}

function paddingName(config: LayerConfig): PaddingName | null {
  const name = config.raw('padding');
  return name === 'SAME' ? 'same' : name === 'VALID' ? 'valid' : null;
}

const opPadding: Rule = ({ config }, { input }) => {
  const values = config instanceof OpConfig ? config.operands[1]?.values : null;
  const first = values?.length === 2 * (input.length + 2) ? 2 : null;
  if (!values || first === null) return null;
  const placed = input.map((_, i) => values[first + 2 * i] ?? null);
  return placed.every((before) => before !== null) ? placed.map((before) => shifted(-(before ?? 0))) : null;
};

const OPERATIONS: ReadonlyMap<string, Rule> = new Map([
  ...['conv2d', 'conv3d', '_fusedconv2d', 'depthwiseconv2dnative', 'fuseddepthwiseconv2dnative'].map(
    (name): [string, Rule] => [name, opConvolution],
  ),
  ['_fuseddepthwiseconv2dnative', opConvolution],
  ...['maxpool', 'avgpool', 'maxpool3d', 'avgpool3d'].map((name): [string, Rule] => [name, opPooling]),
  ['pad', opPadding],
  ['padv2', opPadding],
]);

/** The placement of a layer that keeps positions. */
export const identityPlacement = (placement: 'same' | 'mixed', axes: number): readonly AxisPlacement[] =>
  Array.from({ length: axes }, () => ({
    ...shifted(0),
    window: placement === 'same' ? UNIT_AXIS.window : null,
  }));
