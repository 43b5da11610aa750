import * as z from 'zod';
import { BACKENDS, type BackendName } from '../../../../shared/model';
import { readFile } from '../../../io/openFile';
import { writeFile } from '../../../io/writeFile';

/** What `auto` chooses from by time. Plain JavaScript is never the fastest and comes last, unmeasured. */
export const MEASURED_BACKENDS = ['onnx', 'native', 'wasm'] as const satisfies readonly BackendName[];
export type MeasuredBackend = (typeof MEASURED_BACKENDS)[number];

/** Milliseconds of the work of `timeWork.ts` on each backend that started. */
export type BackendTimes = Readonly<Partial<Record<MeasuredBackend, number>>>;

/** A backend is put before another one of the usual order only if it needs at most this share of its time. */
const CLEARLY_FASTER = 0.9;
/** A home folder may be shared by many machines; the oldest measurements are dropped. */
const MAX_ENTRIES = 20;
const MAX_BYTES = 262_144;
const MAX_KEY_LENGTH = 8192;

const fileSchema = z.object({
  measured: z
    .array(
      z.object({
        key: z.string().max(MAX_KEY_LENGTH),
        date: z.iso.date(),
        milliseconds: z.partialRecord(z.enum(MEASURED_BACKENDS), z.number().positive()),
      }),
    )
    .max(MAX_ENTRIES),
});
type Entries = z.infer<typeof fileSchema>['measured'];

/** What was measured on this machine. */
export interface RememberedOrder {
  /** Every backend, the fastest first. */
  readonly order: readonly BackendName[];
  /** Those whose time is known. */
  readonly measured: readonly BackendName[];
  /** Of the measurement, e.g. "2026-11-26". */
  readonly date: string;
}

/**
 * The order that was measured under the same circumstances; `null` if there is none. A file that cannot be read or that
 * something else wrote counts as none.
 * @param key see `measurementKey`
 */
export function rememberedOrder(file: string, key: string): RememberedOrder | null {
  const entry = entriesOf(file).find((one) => one.key === key);
  if (!entry) return null;
  const measured = fastestFirst(entry.milliseconds);
  const others = BACKENDS.filter((name) => !measured.some((other) => other === name));
  return { order: [...measured, ...others], measured, date: entry.date };
}

/** Adds a measurement to the file, in place of an earlier one with the same key. @throws Failure `write-failed` */
export function rememberTimes(file: string, key: string, milliseconds: BackendTimes): void {
  const date = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length);
  const others = entriesOf(file).filter((entry) => entry.key !== key);
  write(file, [{ key, date, milliseconds }, ...others].slice(0, MAX_ENTRIES));
}

/** Whether a measurement could be kept: one that cannot is not worth its time. */
export function canRemember(file: string): boolean {
  try {
    write(file, entriesOf(file));
    return true;
  } catch {
    return false;
  }
}

function entriesOf(file: string): Entries {
  try {
    const parsed = fileSchema.safeParse(JSON.parse(readFile(file, MAX_BYTES).toString('utf8')));
    return parsed.success ? parsed.data.measured : [];
  } catch {
    return [];
  }
}

const write = (file: string, measured: Entries): void =>
  writeFile(file, Buffer.from(`${JSON.stringify({ measured }, null, 2)}\n`));

/** The usual order, in which a backend is preceded by those that are clearly faster. */
function fastestFirst(milliseconds: BackendTimes): MeasuredBackend[] {
  const rest = MEASURED_BACKENDS.flatMap((name) => {
    const time = milliseconds[name];
    return time === undefined ? [] : [{ name, time }];
  });
  const order: MeasuredBackend[] = [];
  while (rest.length > 0) {
    const best = Math.min(...rest.map(({ time }) => time));
    const next = rest.findIndex(({ time }) => best > time * CLEARLY_FASTER);
    order.push(...rest.splice(next, 1).map(({ name }) => name));
  }
  return order;
}
