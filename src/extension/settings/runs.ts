import { EventEmitter } from 'vscode';
import type { TargetChoice } from '../../shared/explanation';
import type { InputSource, Preprocessing } from '../../shared/inputs';

/** The inputs and preprocessing of a model's last run, whose layer values the server still caches. */
export interface Run {
  readonly inputs: readonly InputSource[];
  readonly preprocessing: Preprocessing;
}

/** A run with the score that was explained on it. */
export interface ExplainedRun extends Run {
  readonly target: TargetChoice;
}

/** The last run of each model in this window, by the model's path. The Layers view and layer pages show its values. */
export class Runs {
  private readonly byPath = new Map<string, Run>();
  private readonly explained = new Map<string, ExplainedRun>();
  private readonly changed = new EventEmitter<string>();
  private readonly targetChanged = new EventEmitter<string>();

  /** Fires with the path of the model. */
  readonly onChanged = this.changed.event;
  /** Another target of the same run, or of another one, was explained. Fires with the path of the model. */
  readonly onTargetChanged = this.targetChanged.event;

  get(path: string): Run | undefined {
    return this.byPath.get(path);
  }

  set(path: string, run: Run): void {
    const before = this.byPath.get(path);
    if (before !== undefined && sameRun(before, run)) return;
    this.byPath.set(path, { inputs: run.inputs, preprocessing: run.preprocessing });
    this.changed.fire(path);
  }

  /** What was explained last of a model. */
  lastExplained(path: string): ExplainedRun | undefined {
    return this.explained.get(path);
  }

  /** The same, if it was explained on this run. */
  explainedOn(path: string, run: Run): ExplainedRun | undefined {
    const explained = this.explained.get(path);
    return explained !== undefined && sameRun(explained, run) ? explained : undefined;
  }

  /** @param run also the last run from now on */
  setExplained(path: string, run: Run, target: TargetChoice): void {
    this.set(path, run);
    const before = this.explained.get(path);
    const now = { inputs: run.inputs, preprocessing: run.preprocessing, target };
    if (JSON.stringify(before) === JSON.stringify(now)) return;
    this.explained.set(path, now);
    this.targetChanged.fire(path);
  }

  dispose(): void {
    this.changed.dispose();
    this.targetChanged.dispose();
  }
}

/** Whether two runs give the same values. Sources are small plain objects, so their JSON is compared. */
export function sameRun(a: Run, b: Run): boolean {
  return JSON.stringify([a.inputs, a.preprocessing]) === JSON.stringify([b.inputs, b.preprocessing]);
}
