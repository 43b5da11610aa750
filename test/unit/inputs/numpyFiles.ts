import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toError } from '../../../src/shared/errors';

interface GoodFile {
  readonly name: string;
  readonly dtype: string;
  readonly npy: string;
  readonly shape?: readonly number[];
  readonly values?: readonly number[];
}

interface Recording {
  readonly npy: readonly GoodFile[];
  readonly strings: Readonly<Record<'text' | 'bytes', string>>;
  readonly bad: Readonly<Record<string, string>>;
  readonly npz: Readonly<Record<'one' | 'stored' | 'deflated' | 'none', string>>;
  readonly preprocessing: Readonly<Record<'pixels' | 'tf' | 'caffe' | 'torch', readonly number[]>>;
}

/** What make_arrays.py recorded with numpy and Keras. */
export const recorded: Recording = JSON.parse(
  readFileSync(fileURLToPath(new URL('arrays.json', import.meta.url)), 'utf8'),
);

export const fromBase64 = (text: string): Buffer => Buffer.from(text, 'base64');

/** `kind: message` of what was thrown, or `nothing thrown`. */
export async function failureOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (thrown) {
    const { kind, message } = toError(thrown);
    return `${kind}: ${message}`;
  }
  return 'nothing thrown';
}
