import { DOCTOR_KINDS, type DoctorFinding, type DoctorKind } from '../../../shared/results/doctor';
import type { Control } from '../../run/control';
import type { Trace } from '../../run/trace';
import { constant } from './constant';
import { dead } from './dead';
import { exploding, vanishing } from './magnitude';
import { nonFiniteValues } from './nonFiniteValues';
import { nonFiniteWeights } from './nonFiniteWeights';
import { normalization } from './normalization';
import { type Check, patientOf } from './patient';
import { saturated } from './saturated';
import { scaledTwice } from './scaledTwice';
import { unused } from './unused';

/** What looks for each kind of finding, the gravest first. */
const CHECKS: Readonly<Record<DoctorKind, Check>> = {
  'non-finite-values': nonFiniteValues,
  'non-finite-weights': nonFiniteWeights,
  'scaled-twice': scaledTwice,
  'batch-normalization': normalization,
  exploding,
  vanishing,
  constant,
  dead,
  saturated,
  unused,
};

/** Kinds that are often the consequence of one another in an earlier layer. */
const SPREADING: readonly DoctorKind[] = [
  ...(['batch-normalization', 'exploding', 'vanishing', 'constant', 'dead', 'saturated'] as const),
];

/**
 * The gravest thing that is wrong with a model for the input of `trace`, of those that spread the first in graph order; `null` where there
 * is nothing to say. It reads values and weights, and runs nothing.
 * @throws Failure `cancelled`
 */
export async function diagnose(trace: Trace, control: Control): Promise<DoctorFinding | null> {
  const patient = await patientOf(trace, control);
  const order = [...trace.graph.nodes.keys()];
  let first: { readonly finding: DoctorFinding; readonly at: number } | null = null;
  for (const kind of DOCTOR_KINDS) {
    if (first !== null && !SPREADING.includes(kind)) break;
    const finding = await CHECKS[kind](patient);
    if (finding === null) continue;
    if (!SPREADING.includes(kind)) return finding;
    const at = order.indexOf(finding.layer);
    if (first === null || at < first.at) first = { finding, at };
  }
  return first?.finding ?? null;
}
