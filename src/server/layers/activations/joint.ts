import type { Activation } from '../kind';

/** Activations whose outputs depend on several inputs: there is no slope per value. */
export const isJoint = ({ name }: Activation): boolean =>
  ['softmax', 'log_softmax', 'sparsemax', 'glu'].includes(name);
