import { plainName } from '../../explain/maps/layerPlacement';
import { attentionUnit, multiHeadUnit } from './attention';
import { lookup, maximum, product, withoutInputs } from './choices';
import { recurrentUnit } from './recurrent';
import type { UnitAt, UnitRule } from './unitAt';
import { weightedSum } from './weightedSum';

/** The rules by the class of the layer, without its module and in lower case. Every other layer is described by its derivatives. */
const RULES: ReadonlyMap<string, UnitRule> = new Map([
  ['dense', weightedSum],
  ...['conv1d', 'conv2d', 'conv3d', 'convolution1d', 'convolution2d', 'convolution3d'].map(row(weightedSum)),
  ...['depthwiseconv1d', 'depthwiseconv2d'].map(row(weightedSum)),
  ...[1, 2, 3].flatMap((axes) =>
    ['maxpooling', 'maxpool', 'globalmaxpooling', 'globalmaxpool']
      .map((name) => `${name}${axes}d`)
      .map(row(maximum)),
  ),
  ...['multiply', 'mul'].map(row(product)),
  ['embedding', lookup],
  ...['simplernn', 'lstm', 'gru', 'rnn', 'bidirectional'].map(row(recurrentUnit)),
  ...['attention', 'additiveattention'].map(row(attentionUnit)),
  ...['multiheadattention', 'groupqueryattention', 'groupedqueryattention'].map(row(multiHeadUnit)),
]);

function row(rule: UnitRule): (name: string) => readonly [string, UnitRule] {
  return (name) => [name, rule];
}

/** How the layer of a value is taken apart; `undefined` for one without a rule. */
export const ruleOf = ({ node }: UnitAt): UnitRule | undefined =>
  node.inputs.length === 0 ? withoutInputs : RULES.get(plainName(node));
