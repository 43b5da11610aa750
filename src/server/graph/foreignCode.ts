import * as l10n from '@vscode/l10n';
import type { ForeignCode, LayerRow } from '../../shared/model';

/** A longer list would tell the user nothing more. */
const MAX_LISTED = 1000;

/**
 * Everything in a Keras config that would run its author's code if Keras itself loaded it: byte code, and classes and
 * functions that are not Keras's, anywhere in the config (layers, activations, losses).
 * @param topology the whole config as parsed JSON: untrusted; `parseJson` bounds its depth.
 * @param unknown rows of unknown classes, for files that do not state where a class is from.
 */
export function foreignInConfig(topology: unknown, unknown: readonly LayerRow[]): ForeignCode[] {
  const found = new Map<string, ForeignCode>();
  const add = (path: string, what: string): void => {
    if (found.size < MAX_LISTED) found.set(`${path} ${what}`, { path, what });
  };
  for (const { path, className } of unknown) add(path, classSentence(className));
  const pending: { readonly value: unknown; readonly path: string }[] = [{ value: topology, path: '' }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, path } = next;
    if (Array.isArray(value)) {
      for (const item of value) pending.push({ value: item, path });
    } else if (isRecord(value)) {
      const own = nameOf(value) ?? path;
      const what = objectSentence(value);
      if (what !== null) add(own, what);
      for (const item of Object.values(value)) {
        if (typeof item === 'object') pending.push({ value: item, path: own });
      }
    }
  }
  return [...found.values()].reverse();
}

const classSentence = (name: string): string =>
  l10n.t("In Keras, the class {0} would run its author's Python code; Layerglass never runs it.", name);

const functionSentence = (name: string): string =>
  l10n.t("In Keras, the function {0} would run its author's Python code; Layerglass never runs it.", name);

const byteCodeSentence = (): string =>
  l10n.t('In Keras, Python byte code in the file would run; Layerglass never runs it.');

/** The name of the layer that an object with a class describes. */
function nameOf({ class_name, config }: Readonly<Record<string, unknown>>): string | null {
  if (typeof class_name !== 'string' || !isRecord(config)) return null;
  return typeof config.name === 'string' ? config.name : null;
}

/** A sentence about an object with a class (`{class_name, config, module, registered_name}`) that is not Keras's. */
function objectSentence(object: Readonly<Record<string, unknown>>): string | null {
  const { class_name, config, module, registered_name } = object;
  if (typeof class_name !== 'string') return null;
  if (class_name === '__lambda__') return byteCodeSentence();
  if (class_name === 'Lambda') return lambdaSentence(config);
  if (class_name === 'function') {
    return functionSentence(String(config));
  }
  // HDF5 files have the registered name in place of the class name.
  const registered = [registered_name, class_name].find(
    (name) => typeof name === 'string' && name.includes('>'),
  );
  if (typeof registered === 'string') {
    return /^(keras|tf_keras)>/i.test(registered) ? null : classSentence(registered);
  }
  const isCustom = typeof module === 'string' && !/^(keras|tf_keras|tensorflow|builtins)\b/.test(module);
  return isCustom ? classSentence(`${module}.${class_name}`) : null;
}

/** Keras 3 describes the function as an object, which is visited itself; before, it is marshalled byte code or a name. */
function lambdaSentence(config: unknown): string | null {
  const given = isRecord(config) ? config.function : undefined;
  if (Array.isArray(given)) return byteCodeSentence();
  return typeof given === 'string' ? functionSentence(given) : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
