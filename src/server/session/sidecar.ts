import { basename, dirname, isAbsolute, relative, resolve, win32 } from 'node:path';
import * as l10n from '@vscode/l10n';
import { fail, toResult } from '../../shared/errors';
import type { ModelSettings } from '../../shared/inputs';
import type { Sidecar } from '../../shared/protocol';
import { modelSettings } from '../../shared/schemas';
import { sidecarPath, sidecarVersion } from '../../shared/sidecar';
import { companionPath, isInModelFolder } from '../io/companion';
import { readFile, statOf } from '../io/openFile';
import { writeFile } from '../io/writeFile';

/** Settings are about a page of text; a larger file is not a sidecar. */
const MAX_BYTES = 4 * 2 ** 20;
const REWRITE = l10n.t(
  'Correct it or delete it; "Layerglass: Save Settings Beside the Model" writes a new one.',
);

/** The sidecar of a model that is being opened. Never throws: the model opens even if its sidecar is broken. */
export async function loadSidecar(model: string): Promise<Sidecar> {
  // Taken before the file is read: a change in between then causes one read too many rather than none.
  const stat = statOf(sidecarPath(model));
  const version = stat === null ? null : sidecarVersion({ mtime: stat.mtimeMs, size: stat.size });
  return { version, settings: await toResult(() => readSidecar(model)) };
}

/**
 * Reads `<model file>.layerglass.json`; `null` when there is none.
 * Paths in it are relative to its folder and must stay in it, links followed: an untrusted model must not make Layerglass
 * read other files. If one of the last inputs leaves the folder, all of them are dropped; of a gallery only those that do.
 * @throws Failure `bad-config`, `path-escape`, `file-unreadable` or `too-large`, naming the file.
 */
export function readSidecar(model: string): ModelSettings | null {
  const path = sidecarPath(model);
  if (statOf(path) === null) return null;
  const { lastInputs, gallery, ...rest } = checkedSettings(companionPath(model, path));
  const shown = gallery?.sources.flatMap((source) => resolveInput(path, { path: source })?.path ?? []);
  const settings = { ...rest, ...(shown && shown.length > 0 && { gallery: { sources: shown } }) };
  const found = lastInputs?.map((source) => (source.kind === 'file' ? resolveInput(path, source) : source));
  if (found === undefined) return settings;
  const inside = found.filter((source) => source !== null);
  return { ...settings, lastInputs: inside.length === found.length ? inside : [] };
}

/** Settings in a file that the user named; what it says of inputs is left out. @throws Failure as `readSidecar` */
export function readSettings(path: string): ModelSettings {
  const { lastInputs: _, gallery: __, ...rest } = checkedSettings(path);
  return rest;
}

/** @throws Failure `bad-config`, `file-unreadable`, `too-large` */
function checkedSettings(path: string): ModelSettings {
  const bad = (why: string): never =>
    fail('bad-config', why, {
      subject: path,
      remedy: REWRITE,
    });
  const text = readFile(path, MAX_BYTES, { choose: REWRITE }).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return bad(l10n.t('{0} is not valid JSON.', basename(path)));
  }
  const parsed = modelSettings.safeParse(json);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') ?? '';
    return bad(l10n.t('{0} has a wrong value at "{1}".', basename(path), place));
  }
  return parsed.data;
}

function resolveInput<T extends { readonly path: string }>(sidecar: string, source: T): T | null {
  if (isAbsolute(source.path) || win32.isAbsolute(source.path)) return null;
  const absolute = resolve(dirname(sidecar), source.path);
  const isFolder = absolute === resolve(dirname(sidecar));
  return isFolder || isInModelFolder(sidecar, source.path) ? { ...source, path: absolute } : null;
}

/** Writes the sidecar. Inputs outside the model's folder, and what a gallery shows of them, are left out. */
export function writeSidecar(model: string, settings: ModelSettings): string {
  const path = sidecarPath(model);
  const folder = dirname(path);
  const lastInputs = settings.lastInputs?.map((source) =>
    source.kind === 'file'
      ? { ...source, path: relative(folder, source.path).replaceAll('\\', '/') }
      : source,
  );
  const whole = lastInputs?.every(
    (s) => s.kind !== 'file' || !(s.path.startsWith('..') || isAbsolute(s.path)),
  );
  const sources = settings.gallery?.sources
    .map((source) => relative(folder, source).replaceAll('\\', '/') || '.')
    .filter((source) => !(source.startsWith('..') || isAbsolute(source)));
  const { lastInputs: _, gallery: __, ...rest } = settings;
  const saved = {
    ...rest,
    ...(whole && lastInputs ? { lastInputs } : {}),
    ...(sources && sources.length > 0 ? { gallery: { sources } } : {}),
  };
  writeFile(path, Buffer.from(`${JSON.stringify(saved, null, 2)}\n`));
  return path;
}
