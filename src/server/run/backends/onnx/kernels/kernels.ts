import type { TF } from '../../../../layers/kind';
import type { KernelTable } from '../kernel';
import { convolutions } from './convolution';
import { elementwise } from './elementwise';
import { poolings } from './pooling';
import { products } from './products';
import { reductions } from './reductions';
import { shapes } from './shapes';

/** The kernels of TF.js that become nodes of an ONNX graph, by TF.js's names. All others are computed by TF.js. */
export const kernelsFor = (tf: TF): KernelTable => ({
  ...elementwise,
  ...reductions,
  ...products,
  ...shapes,
  ...convolutions(tf),
  ...poolings(tf),
});
