import type { Preprocessing } from '../../shared/inputs';
import type { MethodId } from '../../shared/methods';
import type { OpenModel } from '../session/openModels';
import type { BatchMethodOptions } from './methodOptions';

/** What every row of a batch is computed with. */
export interface BatchRun {
  readonly opened: OpenModel;
  /** Folder that pictures are written to; absolute. Null where none are written. */
  readonly out: string | null;
  /** None for predictions alone. */
  readonly methods: readonly MethodId[];
  readonly options: BatchMethodOptions;
  /** Whether it is examined how far each map can be trusted. */
  readonly trust: boolean;
  readonly preprocessing: Preprocessing;
  /** As `InputReadOptions` has it. */
  readonly preprocessArrays: boolean;
  readonly output: number;
  readonly labels: readonly string[];
  readonly insist: boolean;
}
