import { fail } from '../../shared/errors';
import type { LayerConfig } from '../graph/layerConfig';
import { isRecord } from './records';

/**
 * Refuses a layer that Keras 3 quantized (`model.quantize('int8')`): its integer kernel has the shape of a float one and
 * would pass for it, wrong by its scales.
 * @throws Failure `not-applicable` that names the layer.
 */
export function refuseQuantized(config: LayerConfig): void {
  const policy = config.raw('dtype');
  if (!isRecord(policy) || !String(policy.class_name).startsWith('Quantized')) return;
  fail('not-applicable', `Layer "${config.path}" is quantized, which Layerglass does not read.`, {
    subject: config.path,
    remedy: 'Open the model as it was before model.quantize().',
  });
}
