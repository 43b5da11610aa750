import * as l10n from '@vscode/l10n';
import type { DoctorFinding } from '../../../shared/results/doctor';
import type { TensorRef } from '../../graph/graph';
import { type Control, checkpoint } from '../../run/control';
import type { Trace } from '../../run/trace';
import { type ExaminedNode, type ExaminedOutput, examine } from '../health/examine';
import { type NonFiniteStart, nonFiniteStart } from '../health/firstBad';

/** A model and its values for one input, as every check sees them. */
export interface Patient {
  readonly trace: Trace;
  /** In graph order. */
  readonly nodes: readonly ExaminedNode[];
  readonly start: NonFiniteStart | null;
  /** What is known about an output; `null` for text and unknown values. */
  output(ref: TensorRef): ExaminedOutput | null;
  /** Between two layers of a check that reads weights. @throws Failure `cancelled` */
  pause(): Promise<void>;
}

/** One kind of finding. @returns `null` where there is nothing to say */
export type Check = (patient: Patient) => Promise<DoctorFinding | null>;

export async function patientOf(trace: Trace, control: Control): Promise<Patient> {
  const nodes = await examine(trace, control);
  const byPath = new Map(nodes.map((one) => [one.node.path, one]));
  return {
    trace,
    nodes,
    start: await nonFiniteStart(trace, nodes),
    output: ({ node, output }) => byPath.get(node)?.outputs[output] ?? null,
    pause: () => checkpoint(control, 1, l10n.t('Looking for what is wrong')),
  };
}
