import * as l10n from '@vscode/l10n';
import { MAX_VALUES } from '../../graph/checkSizes';
import type { Tensor } from '../../layers/kind';
import { type Operation, operandAt, refuse } from '../operation';

/** The outputs of the versions of TensorFlow's operation. */
type Output = 'indices' | 'scores' | 'count';

export interface Suppression {
  readonly outputs: readonly Output[];
  /** Padded with 0 to the requested number. */
  readonly padded: boolean;
  /** The maximum number of boxes, if it is known before the model runs. */
  readonly limit: number | null;
}

const f = Math.fround;

/**
 * TensorFlow's `NonMaxSuppression`, greedy and soft (Bodla et al. 2017): operands boxes [count, 4] of (y, x) corners in any order,
 * scores [count], the maximum number of boxes, and if the version has them the overlap above which a box is dropped,
 * the score that a box must exceed, and the sigma of soft suppression. Chooses like TensorFlow's kernel, in float32.
 */
export function nonMaxSuppression({ outputs, padded, limit }: Suppression): Operation {
  return {
    outputShapes(operands) {
      if (operandAt(operands, 0).length !== 2) refuse(l10n.t('its boxes do not have the shape [count, 4].'));
      return outputs.map((output) => (output === 'count' ? [] : [padded ? limit : null]));
    },
    forward({ tf }, operands) {
      const [boxes, scores] = [operandAt(operands, 0), operandAt(operands, 1)];
      const number = (i: number, otherwise: number): number => operands[i]?.dataSync()[0] ?? otherwise;
      const most = number(2, 0);
      const chosen = choose(boxes, scores, {
        most,
        overlap: number(3, 0.5),
        score: number(4, Number.NEGATIVE_INFINITY),
        sigma: number(5, 0),
      });
      const count = padded ? Math.max(most, 0) : chosen.length;
      if (count > MAX_VALUES) refuse(l10n.t('it would give {0} boxes.', count), 'too-large');
      return outputs.map((output) => {
        if (output === 'count') return tf.scalar(chosen.length, 'int32');
        // Typed arrays: a file may ask for millions of zeros behind a few boxes.
        const values = output === 'scores' ? new Float32Array(count) : new Int32Array(count);
        values.set(chosen.map((one) => (output === 'scores' ? one.score : one.box)));
        return tf.tensor1d(values);
      });
    },
  };
}

interface Candidate {
  readonly box: number;
  score: number;
  /** The score already includes the overlap with the chosen boxes before this index. */
  seen: number;
}

interface Thresholds {
  readonly most: number;
  readonly overlap: number;
  readonly score: number;
  readonly sigma: number;
}

function choose(boxes: Tensor, scores: Tensor, { most, overlap, score, sigma }: Thresholds): Candidate[] {
  const corners = boxes.dataSync();
  const isSoft = sigma > 0;
  const scale = isSoft ? f(f(-0.5) / f(sigma)) : 0;
  const candidates: Candidate[] = [];
  for (const [box, value] of scores.dataSync().entries()) {
    if (value > score) candidates.push({ box, score: value, seen: 0 });
  }
  const queue = new Queue(candidates);
  const chosen: Candidate[] = [];
  for (let next = queue.take(); next && chosen.length < most; next = queue.take()) {
    const before = next.score;
    let dropped = false;
    // In reverse: overlapping boxes often have adjacent scores.
    for (let i = chosen.length - 1; i >= next.seen; i--) {
      const shared = overlapOf(corners, next.box, chosen[i]?.box ?? 0);
      if (isSoft) next.score = f(next.score * f(Math.exp(f(f(scale * shared) * shared))));
      else dropped = shared > overlap;
      if (dropped || next.score <= score) break;
    }
    next.seen = chosen.length;
    if (dropped) continue;
    if (next.score === before) chosen.push(next);
    else if (next.score > score) queue.add(next);
  }
  return chosen;
}

/** Intersection over union. */
function overlapOf(corners: ArrayLike<number>, a: number, b: number): number {
  const box = (i: number): number[] => {
    const [y1 = 0, x1 = 0, y2 = 0, x2 = 0] = Array.from({ length: 4 }, (_, k) => corners[4 * i + k] ?? 0);
    return [Math.min(y1, y2), Math.min(x1, x2), Math.max(y1, y2), Math.max(x1, x2)];
  };
  const [top = 0, left = 0, bottom = 0, right = 0] = box(a);
  const [top2 = 0, left2 = 0, bottom2 = 0, right2 = 0] = box(b);
  const area = f(f(bottom - top) * f(right - left));
  const area2 = f(f(bottom2 - top2) * f(right2 - left2));
  if (area <= 0 || area2 <= 0) return 0;
  const height = Math.max(0, f(Math.min(bottom, bottom2) - Math.max(top, top2)));
  const width = Math.max(0, f(Math.min(right, right2) - Math.max(left, left2)));
  const shared = f(height * width);
  return f(shared / f(f(area + area2) - shared));
}

/** A binary heap: the highest score first, of equal ones the first box. */
class Queue {
  private readonly heap: Candidate[] = [];

  constructor(items: readonly Candidate[]) {
    for (const item of items) this.add(item);
  }

  add(item: Candidate): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(item);
    for (let up = (at - 1) >> 1; at > 0; up = (at - 1) >> 1) {
      const parent = heap[up];
      if (!parent || !comesBefore(item, parent)) break;
      heap[at] = parent;
      heap[up] = item;
      at = up;
    }
  }

  take(): Candidate | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const child = right && left && comesBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
      const other = heap[child];
      if (!other || !comesBefore(other, last)) break;
      heap[at] = other;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const comesBefore = (a: Candidate, b: Candidate): boolean =>
  a.score > b.score || (a.score === b.score && a.box < b.box);
