import { METHOD_IDS } from '../methods';

const methods = METHOD_IDS.map((id) => id.replaceAll('+', '\\+')).join('|');
/** `cat-grad-cam.map.png`, `cat-grad-cam.0.overlay.png`, `cat-grad-cam.npy`, as the extension names them. */
const EXPORTED_MAP = new RegExp(`\\.(map|overlay|side-by-side)\\.png$|-(${methods})(\\.\\d+)?\\.npy$`, 'i');
/** A folder with files of both names is an export of everything about an explanation. */
const OF_SET = [/^heat-map(\.\d+)?\.(png|npy)$/, /^(overlay|original|input)(\.\d+)?\.(png|npy)$/];

/** A path as its folder and its name, with the separators of any system. */
function parts(path: string): readonly [folder: string, name: string] {
  const at = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return [path.slice(0, Math.max(0, at)), path.slice(at + 1)];
}

/** The paths without those of maps that Layerglass exported. */
export function withoutExports(paths: readonly string[]): string[] {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const [folder, name] = parts(path);
    const names = folders.get(folder);
    if (names === undefined) folders.set(folder, [name]);
    else names.push(name);
  }
  const sets = new Set(
    [...folders]
      .filter(([, names]) => OF_SET.every((pattern) => names.some((name) => pattern.test(name))))
      .map(([folder]) => folder),
  );
  return paths.filter((path) => !EXPORTED_MAP.test(path) && !sets.has(parts(path)[0]));
}
