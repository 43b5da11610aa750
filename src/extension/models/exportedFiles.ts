import { basename, dirname } from 'node:path';
import { METHOD_IDS } from '../../shared/methods';

const methods = METHOD_IDS.map((id) => id.replaceAll('+', '\\+')).join('|');
/** `cat-grad-cam.map.png`, `cat-grad-cam.0.overlay.png`, `cat-grad-cam.npy`, as `exportMap` names them. */
const EXPORTED_MAP = new RegExp(`\\.(map|overlay|side-by-side)\\.png$|-(${methods})(\\.\\d+)?\\.npy$`, 'i');
/** A folder with files of both names is an export of everything about an explanation. */
const OF_SET = [/^heat-map(\.\d+)?\.(png|npy)$/, /^(overlay|original|input)(\.\d+)?\.(png|npy)$/];

/** The paths without those of maps that Layerglass exported. */
export function withoutExports(paths: readonly string[]): string[] {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const names = folders.get(dirname(path));
    if (names === undefined) folders.set(dirname(path), [basename(path)]);
    else names.push(basename(path));
  }
  const sets = new Set(
    [...folders]
      .filter(([, names]) => OF_SET.every((pattern) => names.some((name) => pattern.test(name))))
      .map(([folder]) => folder),
  );
  return paths.filter((path) => !EXPORTED_MAP.test(path) && !sets.has(dirname(path)));
}
