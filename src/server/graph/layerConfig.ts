import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';

/**
 * A layer's `config` as read from a file, with checked access: nothing in it is trusted.
 * Every accessor but `misfit` throws a `Failure` of kind `bad-config` that names the layer and the argument.
 */
export class LayerConfig {
  constructor(
    readonly values: Readonly<Record<string, unknown>>,
    /** Path of the layer, for messages. */
    readonly path: string,
    /** Major version of the Keras that wrote the file; decides what some names mean. */
    readonly kerasMajor: number,
  ) {}

  has(key: string): boolean {
    return this.values[key] !== undefined && this.values[key] !== null;
  }

  raw(key: string): unknown {
    return this.values[key];
  }

  number(key: string, fallback?: number): number {
    const value = this.values[key] ?? fallback;
    if (typeof value !== 'number' || !Number.isFinite(value)) return this.bad(key, l10n.t('a number'), value);
    return value;
  }

  int(key: string, fallback?: number): number {
    const value = this.number(key, fallback);
    if (!Number.isSafeInteger(value)) return this.bad(key, l10n.t('an integer'), value);
    return value;
  }

  bool(key: string, fallback: boolean): boolean {
    const value = this.values[key] ?? fallback;
    if (typeof value !== 'boolean') return this.bad(key, l10n.t('true or false'), value);
    return value;
  }

  string(key: string, fallback?: string): string {
    const value = this.values[key] ?? fallback;
    if (typeof value !== 'string') return this.bad(key, l10n.t('a string'), value);
    return value;
  }

  /** One of `allowed`. */
  choice<T extends string>(key: string, allowed: readonly T[], fallback?: T): T {
    const value = this.string(key, fallback);
    const found = allowed.find((a) => a === value);
    return found ?? this.bad(key, l10n.t('one of {0}', allowed.join(', ')), value);
  }

  /** A list of `length` integers; one integer counts for all of them, as in Keras (`kernel_size=3`). */
  ints(key: string, length: number, fallback?: number): number[] {
    const value = this.values[key] ?? fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value))
      return new Array<number>(length).fill(value);
    const list = this.intList(key, value);
    if (list.length !== length) return this.bad(key, l10n.t('{0} integers', length), value);
    return list;
  }

  /** A list of integers of any length; one integer is a list of one. */
  intList(key: string, value: unknown = this.values[key]): number[] {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return [value];
    if (!Array.isArray(value)) return this.bad(key, l10n.t('integers'), value);
    return value.map((v) =>
      typeof v === 'number' && Number.isSafeInteger(v) ? v : this.bad(key, l10n.t('integers'), value),
    );
  }

  /** Throws because the argument `key` is not what is expected. @throws Failure `bad-config`. */
  bad(key: string, expected: string, got: unknown): never {
    return this.refuse('bad-config', key, expected, got);
  }

  /** Throws because the argument `key` does not fit the input, which Keras refuses as well. @throws Failure `wrong-shape`. */
  misfit(key: string, expected: string, got: unknown): never {
    return this.refuse('wrong-shape', key, expected, got);
  }

  private refuse(kind: 'bad-config' | 'wrong-shape', key: string, expected: string, got: unknown): never {
    const shown = JSON.stringify(got)?.slice(0, 80) ?? l10n.t('nothing');
    return fail(
      kind,
      l10n.t('Layer "{0}": argument "{1}" should be {2} but is {3}.', this.path, key, expected, shown),
      {
        subject: this.path,
        remedy: l10n.t(
          'The file is damaged or was written by a version that Layerglass does not know; save the model again with Keras.',
        ),
      },
    );
  }
}
