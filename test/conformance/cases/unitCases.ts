import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { NO_CONTROL } from '../../../src/server/run/control';
import { Session } from '../../../src/server/session/session';
import { openUnit } from '../../../src/server/tracing/unit/openUnit';
import type { BackendName } from '../../../src/shared/model';
import type { OpenedUnit, UnitForm, UnitSum } from '../../../src/shared/results/unit';
import { onBackend } from '../backends';

/** What test/fixtures/make_units.py writes. */
interface Expected {
  readonly [model: string]: {
    readonly values: readonly {
      readonly layer: string;
      readonly unit: number;
      readonly position: readonly number[];
      readonly pre: number;
      readonly post: number;
      readonly gates?: Readonly<Record<string, { readonly pre: number; readonly post: number }>>;
    }[];
    /** By layer the weights of query 2, one row per head. */
    readonly attention?: Readonly<Record<string, readonly (readonly number[])[]>>;
  };
}

const FOLDER = join(__dirname, '../../fixtures/units');
const EXPECTED: Expected = JSON.parse(readFileSync(join(FOLDER, 'units.json'), 'utf8'));

/** Layers that are no weighted sum, by what their terms say instead. The others are a sum, or one value passed on. */
const FORMS: Readonly<Record<string, UnitForm>> = {
  ...{
    multiply: 'product',
    three: 'product',
    scaled: 'product',
    layer_norm: 'slopes',
    max: 'max',
    global: 'max',
  },
  ...{ lstm: 'gates', lstm_last: 'gates', gru: 'gates', gru_before: 'gates', cell: 'gates', both: 'gates' },
  ...{ both_last: 'gates', embedding: 'lookup', pooled: 'max', not_equal: 'slopes' },
  ...{ dot: 'attention', additive: 'attention', heads: 'attention', groups: 'attention' },
};

/** Relative; values near 0 are the difference of larger ones. */
const expectClose = (value: number, wanted: number): void =>
  expect(Math.abs(value - wanted)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(wanted)));

function expectSum(sum: UnitSum): void {
  const { pre, bias, terms, sumOfRest } = sum;
  const total = terms.reduce((a, { product }) => a + product, 0) + sumOfRest + (bias ?? 0);
  expectClose(total, pre);
  expect(sum.agrees).toBe(true);
  for (const { input, weight, product } of terms) expect(product).toBe(input * weight);
  const sizes = terms.map(({ product }) => Math.abs(product));
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
}

/** Compares values and their terms with Keras on one backend. */
export const testUnits = (backend: BackendName): Promise<void> =>
  onBackend(backend, 'units', () => {
    const session = new Session({ backend, nativePath: '', strict: true });
    const opened = new Map<string, ReturnType<Session['open']>>();
    afterAll(async () => {
      for (const model of opened.values()) session.close((await model).id);
    });
    const open = async (
      name: string,
      question: { readonly layer: string; readonly unit?: number; readonly position?: readonly number[] },
    ): Promise<{ readonly unit: OpenedUnit; readonly inputOf: (term: number) => Promise<number> }> => {
      const opening = opened.get(name) ?? session.open(join(FOLDER, `${name}.keras`));
      opened.set(name, opening);
      const { id } = await opening;
      const inputs = [{ kind: 'file', path: join(FOLDER, `${name}.npy`) }] as const;
      const ask = (asked: typeof question): Promise<OpenedUnit> =>
        session.run(id, inputs, { name: 'none' }, NO_CONTROL, (run) => openUnit(run.trace, asked));
      const unit = await ask(question);
      const inputOf = async (term: number): Promise<number> => {
        const from = unit.terms[term]?.from;
        return from ? (await ask(from)).post : Number.NaN;
      };
      return { unit, inputOf };
    };

    describe.each(Object.entries(EXPECTED))('%s', (name, { values, attention }) => {
      test.each(
        values.map((one) => [`${one.layer}[${one.position.join(',')}], unit ${one.unit}`, one] as const),
      )('%s', async (_, { layer, unit, position, pre, post, gates = {} }) => {
        const { unit: found, inputOf } = await open(name, { layer, unit, position });
        expect(['sum', 'value']).toContain(FORMS[layer] === undefined ? found.form : 'sum');
        if (FORMS[layer] !== undefined) expect(found.form).toBe(FORMS[layer]);
        expectClose(found.pre, pre);
        expectClose(found.post, post);
        expectSum(found);
        for (const gate of found.gates) {
          expectClose(gate.pre, gates[gate.name]?.pre ?? Number.NaN);
          expectClose(gate.post, gates[gate.name]?.post ?? Number.NaN);
          expectSum(gate);
        }
        expect(found.gates.map((gate) => gate.name)).toEqual(Object.keys(gates));
        // Going on from a term finds the number that it has, where the term is one value of a layer.
        const isValue =
          !['gates', 'attention', 'lookup'].includes(found.form) || attention?.[layer]?.length === 1;
        const [first] = found.terms;
        if (isValue && first?.from && first.name !== 'key') expectClose(await inputOf(0), first.input);
      });

      test.each(Object.entries(attention ?? {}))('the weights of a query of %s', async (layer, rows) => {
        const { unit } = await open(name, { layer, unit: 1, position: [2] });
        expect(unit.attention.map(({ head }) => head)).toEqual(rows.map((_, head) => head));
        for (const [head, { keys }] of unit.attention.entries()) {
          for (const { key, weight } of keys) expectClose(weight, rows[head]?.[key] ?? Number.NaN);
          // The softmax of the scores of the keys that may be attended to.
          const largest = Math.max(...keys.map(({ score }) => score ?? 0));
          const visible = keys.filter(({ weight }) => weight > 0);
          const sum = visible.reduce((total, { score }) => total + Math.exp((score ?? 0) - largest), 0);
          for (const { score, weight } of visible)
            expectClose(Math.exp((score ?? 0) - largest) / sum, weight);
        }
      });
    });

    test('what is not asked for is that of the largest value', async () => {
      const { unit } = await open('vector', { layer: 'dense' });
      const { unit: first } = await open('vector', { layer: 'dense', unit: unit.unit });
      expect(first.post).toBe(unit.post);
      for (let other = 0; other < unit.units; other++)
        expect((await open('vector', { layer: 'dense', unit: other })).unit.post).toBeLessThanOrEqual(
          unit.post,
        );
    });

    test('from a value down to the input', async () => {
      const { unit: last } = await open('image', { layer: 'global', unit: 0 });
      let place = last.terms[0]?.from ?? null;
      const way: string[] = [];
      while (place !== null) {
        way.push(place.layer);
        const { unit } = await open('image', place);
        place = unit.terms[0]?.from ?? null;
      }
      expect(way.slice(0, 3)).toEqual(['max', 'averaged', 'transposed']);
      expect(way.at(-1)).toBe('x');
    });

    test('a step before the last of a layer that returns the last one', async () => {
      const { unit } = await open('recurrent', { layer: 'lstm_last', unit: 1, position: [3] });
      expect(unit).toMatchObject({ sizes: [6], position: [3], index: null, form: 'gates' });
      expectSum(unit);
    });

    test('a masked step keeps the state', async () => {
      const { unit, inputOf } = await open('masked', { layer: 'lstm', unit: 2, position: [1] });
      expect(unit.form).toBe('value');
      expect(await inputOf(0)).toBe(unit.post);
    });
  });
