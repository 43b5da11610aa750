import type { PreprocessingName } from '../../shared/inputs';
import type { Graph } from '../graph/graph';

/** A family of networks of keras.applications. */
export interface Application {
  /** As Keras calls it. */
  readonly family: string;
  /** What its `preprocess_input` does; for a network that was built without its own Rescaling, what that would have done. */
  readonly preprocessing: PreprocessingName;
}

interface Row extends Application {
  /** Names of the whole network, in Keras 2 or 3. */
  readonly names: RegExp;
  /** Names of layers, all of which the network has, also where it was renamed or its layers were put into another model. */
  readonly layers: readonly RegExp[];
}

/** The filters of the first convolution: a small imitation that took the names was trained by somebody else. */
const STEMS: Readonly<Record<string, { readonly layer: RegExp; readonly filters: number }>> = {
  VGG: { layer: /^block1_conv1$/, filters: 64 },
  ResNet: { layer: /^conv1(_conv)?$/, filters: 64 },
  ResNetV2: { layer: /^conv1_conv$/, filters: 64 },
  DenseNet: { layer: /^conv1[_/]conv$/, filters: 64 },
  Xception: { layer: /^block1_conv1$/, filters: 32 },
};

const row = (
  family: string,
  preprocessing: PreprocessingName,
  names: RegExp,
  ...layers: readonly RegExp[]
): Row => ({ family, preprocessing, names, layers });

/** The first row that fits holds. From keras/src/applications of Keras 3.15 and of Keras 2. */
const ROWS: readonly Row[] = [
  row('VGG', 'caffe', /^vgg1[69]$/, /^block1_conv1$/, /^block1_pool$/, /^block5_conv3$/),
  row('ResNetV2', '-1..1', /^resnet(50|101|152)v2$/, /^conv1_conv$/, /^conv2_block1_preact_bn$/),
  row(
    'ResNet',
    'caffe',
    /^resnet(50|101|152)?$/,
    /^conv1_conv$/,
    /^conv2_block1_1_conv$/,
    /^conv2_block1_3_bn$/,
  ),
  row('ResNet', 'caffe', /^resnet50$/, /^(conv1|bn_conv1)$/, /^res2a_branch2a$/),
  row('DenseNet', 'torch', /^densenet(121|169|201)?$/, /^conv1[_/]conv$/, /^conv2_block1_concat$/),
  row('InceptionV3', '-1..1', /^inception_v3$/, /^mixed0$/, /^mixed10$/),
  row('InceptionResNetV2', '-1..1', /^inception_resnet_v2$/, /^mixed_5b$/, /^conv_7b$/),
  row('Xception', '-1..1', /^xception$/, /^block1_conv1$/, /^block14_sepconv2$/),
  row('MobileNetV3', '-1..1', /^mobilenetv3(small|large)$/, /^expanded_conv_depthwise$/, /squeeze_excite/),
  row('MobileNetV2', '-1..1', /^mobilenetv2_\d/, /^(Conv1|bn_Conv1)$/, /^expanded_conv_depthwise$/),
  row('MobileNet', '-1..1', /^mobilenet_\d/, /^conv1$/, /^conv_dw_1$/, /^conv_pw_13$/),
  row('NASNet', '-1..1', /^nasnet(_large|_mobile|large|mobile)?$/, /^stem_conv1$/, /^stem_bn1$/),
  row('EfficientNetV2', 'torch', /^efficientnetv2-b\d$/),
  row(
    'EfficientNetV2',
    '-1..1',
    /^efficientnetv2-[sml]$/,
    /^stem_conv$/,
    /^block1a_project_conv$/,
    /^block2a_expand_conv$/,
  ),
  row('EfficientNet', 'torch', /^efficientnetb\d$/, /^stem_conv$/, /^block1a_dwconv$/),
  row(
    'ConvNeXt',
    'torch',
    /^convnext_(tiny|small|base|large|xlarge)$/,
    /_stem$/,
    /_stage_0_block_0_depthwise_conv$/,
  ),
];

/**
 * The network of keras.applications that a model is or contains, by its name and by the names of its layers; `null` where there is none.
 * A model may put a network's layers into itself, and people rename networks; the layers are those of a network in both cases.
 */
export function applicationOf(graph: Graph): Application | null {
  const { name, layers } = graph.summary;
  const names = [name, ...layers.filter(({ isModel }) => isModel).map((model) => model.name)].map((one) =>
    one.toLowerCase(),
  );
  // The operations of a TensorFlow graph lie in the scopes of their layers.
  const inside = new Set(layers.map((layer) => layer.name));
  const isIn = (pattern: RegExp): boolean => [...inside].some((layer) => pattern.test(layer));
  const found =
    ROWS.find(({ names: pattern }) => names.some((one) => pattern.test(one))) ??
    ROWS.find(({ layers: patterns }) => patterns.length > 0 && patterns.every(isIn));
  return found === undefined || isImitation(graph, found.family) ? null : found;
}

function isImitation({ nodes }: Graph, family: string): boolean {
  const stem = STEMS[family];
  if (stem === undefined) return false;
  const first = [...nodes.values()].find(
    ({ name, className }) => className === 'Conv2D' && stem.layer.test(name),
  );
  return first !== undefined && first.config.raw('filters') !== stem.filters;
}
