import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Span, UnitTrace } from '../../shared/results/tracing';
import { shapesOf, spatialSizes } from '../explain/shapedGraph';
import type { TensorRef } from '../graph/graph';
import type { Descent, Value } from './descent';
import { cellAt, maximaIn } from './featureMap';
import { inputWindows } from './inputWindow';

/** Equal maxima that are listed inside the windows of poolings below the layer with the positions, per maximum. */
const MAX_TIED = 20;

type Window = readonly Span[];

/** The values of one layer from which those of another come. */
interface Maxima {
  readonly read: TensorRef;
  readonly pooling: 'max' | 'average' | null;
  readonly indexes: readonly number[];
  readonly omitted: number;
}

export type Origin = Pick<UnitTrace, 'positions' | 'windows' | 'tied' | 'omitted'> & Omit<Maxima, 'indexes'>;

/** Where the values of one layer come from. */
export class Origins {
  private readonly windows = new Map<string, Window>();
  private input: string | null = null;

  constructor(
    private readonly descent: Descent,
    private readonly ref: TensorRef,
  ) {}

  /**
   * The positions and windows of some values of the layer.
   * @param indexes of the values, in row-major order
   * @param limit of the maxima that are listed
   */
  async of(indexes: readonly number[], limit: number): Promise<Origin> {
    const { read, pooling, indexes: found, omitted } = await this.maxima(indexes, limit);
    const map = await this.descent.map(read);
    const windows: Window[] = [];
    const tied: Window[][] = [];
    for (const index of found) {
      const [first = [], ...others] = await this.follow({ ref: read, index }, MAX_TIED + 1);
      windows.push(first);
      tied.push(others);
    }
    return {
      read,
      pooling,
      positions: found.map((index) => cellAt(map, index).position),
      windows,
      ...(tied.some((others) => others.length > 0) ? { tied } : {}),
      omitted,
    };
  }

  /** The input that the windows are in, with its spatial sizes. @throws Failure `not-applicable` where there is none. */
  get place(): { readonly input: string; readonly inputSize: readonly number[] } {
    const input = this.inputPath();
    return { input, inputSize: spatialSizes(shapesOf(this.descent.trace), { node: input, output: 0 }) ?? [] };
  }

  /** Goes down to the last pooling, and to its maxima; stays at the layer where there is none. */
  private async maxima(indexes: readonly number[], limit: number): Promise<Maxima> {
    let pooled: Pick<Maxima, 'read' | 'pooling'> | null = null;
    let omitted = 0;
    const found = new Set<number>();
    for (const index of indexes) {
      let value: Value = { ref: this.ref, index };
      let step = await this.descent.step(value);
      while (step.kind === 'one') {
        value = step.value;
        step = await this.descent.step(value);
      }
      if (step.kind !== 'max' && step.kind !== 'average') {
        return { read: this.ref, pooling: null, indexes, omitted: 0 };
      }
      pooled = { read: step.map.ref, pooling: step.kind };
      const top = maximaIn(step.map, step.channel, step.box, limit);
      omitted += top.omitted;
      for (const at of top.indexes) {
        if (found.size < limit) found.add(at);
        else if (!found.has(at)) omitted += 1;
      }
    }
    if (pooled === null) return { read: this.ref, pooling: null, indexes, omitted: 0 };
    return { ...pooled, indexes: [...found].sort((a, b) => a - b), omitted };
  }

  /**
   * The windows of the input that a value comes from: that of the first maximum in each pooling, to which TensorFlow passes
   * the gradient, then those of equal maxima. @param limit of the windows
   */
  private async follow(start: Value, limit: number): Promise<Window[]> {
    let value = start;
    for (;;) {
      const step = await this.descent.step(value);
      if (step.kind === 'one') value = step.value;
      else if (step.kind === 'max') {
        const top = maximaIn(step.map, step.channel, step.box, limit);
        const windows: Window[] = [];
        for (const index of top.indexes) {
          if (windows.length < limit)
            windows.push(...(await this.follow({ ref: step.map.ref, index }, limit - windows.length)));
        }
        return windows;
      } else return [step.kind === 'padding' ? this.nothing() : await this.windowOf(value)];
    }
  }

  /** The window of a value of the padding. */
  private nothing(): Window {
    const { graph } = this.descent.trace;
    const [input = ''] = graph.inputs;
    const sizes = spatialSizes(shapesOf(this.descent.trace), { node: this.input ?? input, output: 0 }) ?? [];
    return sizes.map((): Span => [0, 0]);
  }

  private async windowOf({ ref, index }: Value): Promise<Window> {
    const { position } = cellAt(await this.descent.map(ref), index);
    const key = `${ref.node}/${position.join()}`;
    const known = this.windows.get(key);
    if (known) return known;
    const box = position.map((at): Span => [at, at + 1]);
    const all = inputWindows(shapesOf(this.descent.trace), ref, box);
    // Where several inputs feed a layer, the windows are those of the first.
    const input = this.input ?? this.descent.trace.graph.inputs.find((path) => all.has(path)) ?? null;
    this.input = input;
    const window = (input === null ? undefined : all.get(input)) ?? this.nothing();
    this.windows.set(key, window);
    return window;
  }

  private inputPath(): string {
    const found = this.input ?? this.descent.trace.graph.inputs[0];
    if (found !== undefined) return found;
    return fail(
      'not-applicable',
      l10n.t('The model takes no inputs, so there is nothing that a value comes from.'),
      {
        remedy: l10n.t('See the values of its layers.'),
      },
    );
  }
}
