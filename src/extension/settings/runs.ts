import { EventEmitter } from 'vscode';
import type { InputSource, Preprocessing } from '../../shared/inputs';

/** The inputs and preprocessing of a model's last run, whose layer values the server still caches. */
export interface Run {
  readonly inputs: readonly InputSource[];
  readonly preprocessing: Preprocessing;
}

/** The last run of each model in this window, by the model's path. The Layers view and layer pages show its values. */
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

/** Whether two runs give the same values. Sources are small plain objects, so their JSON is compared. */
export function sameRun(a: Run, b: Run): boolean {
  return JSON.stringify([a.inputs, a.preprocessing]) === JSON.stringify([b.inputs, b.preprocessing]);
}
