import type { RunGradients } from '../../../src/shared/graphView/graphPage';
import type { ViewGraph } from '../../../src/shared/graphView/viewGraph';
import { graphOf } from '../../unit/graphView/graphs';

/** An encoder that is called twice, a skip connection, and layers of several families. */
export const MODEL = ((): ViewGraph => {
  const graph = graphOf(
    'image > encoder/pad > encoder/conv > encoder/norm > encoder/relu > join',
    'other > encoder@2/pad > encoder@2/conv > encoder@2/norm > encoder@2/relu > join',
    'join > pool > dense > verdict',
    'image > join',
  );
  const classes: Readonly<Record<string, string>> = {
    pad: 'ZeroPadding2D',
    norm: 'BatchNormalization',
    relu: 'ReLU',
    join: 'Concatenate',
    pool: 'MaxPooling2D',
    dense: 'Dense',
  };
  const nodes = graph.nodes.map((node) => {
    const { label } = node;
    if (label === 'image' || label === 'other') {
      return {
        ...node,
        kind: 'input' as const,
        className: 'InputLayer',
        outputShapes: [[null, 64, 64, 3]],
        params: 0,
      };
    }
    if (label === 'verdict')
      return { ...node, kind: 'output' as const, className: '', outputShapes: [[null, 1]], params: 0 };
    if (node.kind === 'group') {
      return { ...node, className: 'Functional', call: { number: label === 'encoder' ? 1 : 2, of: 2 } };
    }
    return { ...node, className: classes[label] ?? node.className };
  });
  return { ...graph, name: 'cats', nodes };
})();

/** Of the score of one class at some layers of `MODEL`. */
export const GRADIENTS: RunGradients = {
  inputNames: ['cat.png'],
  target: 'class 0 (cat)',
  layers: [
    { path: 'encoder/conv', squares: 9, count: 1 },
    { path: 'encoder/relu', squares: 4, count: 4 },
    { path: 'join', squares: 0.0004, count: 4 },
  ],
};
