import { type Mark, mark } from '../shared/timeLine';

const marks: Mark[] = [{ name: 'page: document', at: performance.timeOrigin }, mark('page: script')];
let isFinished = false;

/** The page has reached something on the way to its first map. */
export function reach(name: string): void {
  if (!isFinished) marks.push(mark(`page: ${name}`));
}

/** The first map was drawn: reports, once, what was reached, when the browser has painted it. */
export function finish(report: (marks: readonly Mark[]) => void): void {
  if (isFinished) return;
  isFinished = true;
  // The task after a frame's callbacks runs when the frame has been handed over.
  requestAnimationFrame(() => setTimeout(() => report([...marks, mark('page: painted')])));
}
