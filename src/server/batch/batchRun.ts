import type { Preprocessing } from '../../shared/inputs';
import type { MethodId } from '../../shared/methods';
import type { OpenModel } from '../session/openModels';

/** What every row of a batch is computed with. */
export interface BatchRun {
  readonly opened: OpenModel;
  /** Folder that pictures are written to; absolute. Null where none are written. */
  readonly out: string | null;
  /** None for predictions alone. */
  readonly methods: readonly MethodId[];
  readonly preprocessing: Preprocessing;
  /** As `InputReadOptions` has it. */
  readonly preprocessArrays: boolean;
  readonly output: number;
  readonly labels: readonly string[];
  readonly insist: boolean;
}
