import { EventEmitter } from 'vscode';
import type { InputSource, Preprocessing } from '../../shared/inputs';

/** The input a model was last run on: the server still holds the values of every layer for it. */
export interface Run {
  readonly inputs: readonly InputSource[];
  readonly preprocessing: Preprocessing;
}

/** The last run of each model in this window, by the model's path. Trees and layer pages show values of it. */
export class Runs {
  private readonly byPath = new Map<string, Run>();
  private readonly changed = new EventEmitter<string>();

  /** Fires with the path of the model. */
  readonly onChanged = this.changed.event;

  get(path: string): Run | undefined {
    return this.byPath.get(path);
  }

  set(path: string, run: Run): void {
    const before = this.byPath.get(path);
    if (before !== undefined && sameRun(before, run)) return;
    this.byPath.set(path, { inputs: run.inputs, preprocessing: run.preprocessing });
    this.changed.fire(path);
  }

  dispose(): void {
    this.changed.dispose();
  }
}

/** Whether two runs would give the same values. Sources are small and plain, so their text decides. */
export function sameRun(a: Run, b: Run): boolean {
  return JSON.stringify([a.inputs, a.preprocessing]) === JSON.stringify([b.inputs, b.preprocessing]);
}
