import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { MAX_JSON_BYTES, MAX_JSON_DEPTH, MAX_JSON_VALUES } from '../io/limits';

/**
 * Parses JSON as Python writes it (`NaN` and `Infinity` outside strings are read as null and infinity).
 * @param what names the text in messages, e.g. "the model_config attribute".
 * @throws Failure `bad-config` or `too-large`.
 */
export function parseJson(text: string, path: string, what: string): unknown {
  checkJsonBytes(text.length, path, what);
  const { depth, values } = measure(text);
  const advice = {
    remedy: l10n.t('No Keras model looks like this; get the file again from a source you trust.'),
  };
  if (values > MAX_JSON_VALUES) {
    fail(
      'too-large',
      l10n.t('{0}: {1} contains more than {2} values.', basename(path), what, MAX_JSON_VALUES),
      {
        ...advice,
        subject: path,
      },
    );
  }
  if (depth > MAX_JSON_DEPTH) {
    fail(
      'bad-config',
      l10n.t('{0}: {1} nests more than {2} levels deep.', basename(path), what, MAX_JSON_DEPTH),
      {
        ...advice,
        subject: path,
      },
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    try {
      return JSON.parse(withoutPythonNumbers(text));
    } catch {
      // The parser quotes the text, which may contain line breaks.
      const reason = String(error instanceof Error ? error.message : error).replace(/\s+/g, ' ');
      fail('bad-config', l10n.t('{0}: {1} is not valid JSON ({2}).', basename(path), what, reason), {
        remedy: l10n.t('The file is damaged or was edited by hand; save the model again.'),
        subject: path,
      });
    }
  }
}

/** Refuses JSON of more than `MAX_JSON_BYTES` before it is parsed. @throws Failure `too-large`. */
function checkJsonBytes(bytes: number, path: string, what: string): void {
  if (bytes <= MAX_JSON_BYTES) return;
  fail(
    'too-large',
    l10n.t('{0}: {1} has {2} bytes of JSON; the limit is {3}.', basename(path), what, bytes, MAX_JSON_BYTES),
    {
      remedy: l10n.t('Keras and TensorFlow.js keep weights in files of their own; save the model again.'),
      subject: path,
    },
  );
}

export type Topology = Readonly<Record<string, unknown>> & { readonly class_name: string };

/** True for `{class_name, config, ...}`, the shape of every serialized Keras model. */
export function isTopology(value: unknown): value is Topology {
  return isRecord(value) && typeof value.class_name === 'string' && typeof value.config === 'object';
}

/** Whether a topology lists layers: that of a functional or sequential model does, that of a subclassed one does not. */
export function hasLayers({ config }: Topology): boolean {
  return Array.isArray(isRecord(config) ? config.layers : config);
}

/** Returns `value` as a topology. @throws Failure `bad-config` that names the file and `what`. */
export function requireTopology(value: unknown, path: string, what: string): Topology {
  if (isTopology(value)) return value;
  fail(
    'bad-config',
    l10n.t('{0}: {1} describes no Keras model (no class_name and config).', basename(path), what),
    {
      remedy: l10n.t("Save the whole model again with model.save('model.keras')."),
      subject: path,
    },
  );
}

/** True for a plain JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The depth of a JSON text and an upper bound on the number of its values, without building any of them. */
function measure(text: string): { readonly depth: number; readonly values: number } {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x2c) values++;
    else if (code === 0x7b || code === 0x5b) {
      values++;
      deepest = Math.max(deepest, ++depth);
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return { depth: deepest, values };
}

const NUMBERS: readonly (readonly [python: string, json: string])[] = [
  ['NaN', 'null'],
  // JSON reads 1e999 as infinity.
  ['Infinity', '1e999'],
];
const WORD = /\w/;

/**
 * Replaces Python's numbers outside strings, so that a name such as "NaN" is kept. A regular expression would take quadratic
 * time on strings that are never closed.
 */
function withoutPythonNumbers(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
      continue;
    }
    if (code === 0x22) inString = true;
    // N or I
    if ((code !== 0x4e && code !== 0x49) || WORD.test(text[i - 1] ?? '')) continue;
    const found = NUMBERS.find(
      ([name]) => text.startsWith(name, i) && !WORD.test(text[i + name.length] ?? ''),
    );
    if (found === undefined) continue;
    const [python, json] = found;
    parts.push(text.slice(copied, i), json);
    i += python.length - 1;
    copied = i + 1;
  }
  return parts.join('') + text.slice(copied);
}
