import type { LogOutputChannel } from 'vscode';
import { type Mark, mark } from '../shared/timeLine';

/** Those of the last explanations that no page has finished are dropped. */
const MAX_MARKS = 200;

/**
 * What happens between the click on Explain Prediction and the first map, in all processes: one list in the log, at the level
 * "debug". `bench/firstMap.mjs` reads it.
 */
export class TimeLine {
  private marks: Mark[] = [];

  constructor(private readonly log: Pick<LogOutputChannel, 'debug'>) {}

  /** Something was reached here, in the extension host. */
  reach(name: string): void {
    this.add(mark(`extension: ${name}`));
  }

  /** Something was reached in another process. */
  add(reached: Mark): void {
    this.marks = [...this.marks, reached].slice(-MAX_MARKS);
  }

  /** The page has drawn its first map. @param ofPage what it reached on the way */
  finish(ofPage: readonly Mark[]): void {
    const all = [...this.marks, ...ofPage].sort((a, b) => a.at - b.at);
    this.marks = [];
    const start = all[0]?.at ?? 0;
    const rows = all.map(({ name, at }) => `${(at - start).toFixed(1).padStart(10)}  ${name}`);
    this.log.debug(`Time line, in ms from ${new Date(start).toISOString()}:\n${rows.join('\n')}`);
  }
}
