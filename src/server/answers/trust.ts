import type { Trust } from '../../shared/results/trust';
import { type ExplainResult, explain } from '../explain/explain';
import { portion } from '../explain/trust/subject';
import { examine } from '../explain/trust/trust';
import { readMapFile } from '../inputs/arrays/mapFile';
import type { Control } from '../run/control';
import type { Run } from '../session/runs';
import { type ExplainQuestion, questionOf } from './explanation';

/** The share of the progress that the explanation itself takes: it is repeated about ten times, beside some 400 passes. */
const EXPLAINING = 0.1;

/**
 * How far an explanation of one run can be trusted.
 * @param found the explanation if the caller has it; otherwise it is made first.
 */
export async function trustRun(
  run: Run,
  params: ExplainQuestion,
  control: Control,
  found?: ExplainResult,
): Promise<Trust> {
  const { trace, walks } = run;
  const question = questionOf(params);
  const explaining = portion(control, 0, EXPLAINING);
  return examine({
    trace,
    walks,
    question,
    found: found ?? (await explain(trace, walks, question, explaining, readMapFile)),
    readArray: readMapFile,
    control: portion(control, found === undefined ? EXPLAINING : 0, 1),
  });
}
