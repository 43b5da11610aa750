/** Things that are dear to install, made once per machine in the cache folder and linked into each clone. */
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheDir, isThere, isWindows } from './lib.mjs';

const READY = 'layerglass-ready.json';

/** What `make` returned when the folder was made, or null where it was not made yet or is unfinished. */
export function readyIn(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, READY), 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Makes `<cache>/<name>` unless it is there. It is made beside its place and moved there when finished, so that an
 * interrupted run leaves nothing half done and two runs at once do not meet.
 * @param {string} name
 * @param {(folder: string) => Promise<object>} make fills the folder and returns facts to keep; throws to give up
 * @returns {Promise<{ folder: string, facts: object }>}
 */
export async function cached(name, make) {
  const folder = join(cacheDir, name);
  const before = readyIn(folder);
  if (before) return { folder, facts: before };
  const workshop = `${folder}.${process.pid}`;
  mkdirSync(workshop, { recursive: true });
  try {
    const facts = await make(workshop);
    writeFileSync(join(workshop, READY), `${JSON.stringify(facts)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(workshop, folder);
    return { folder, facts };
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

/** Makes `link` point to `folder`; a real folder that stands there is left alone. */
export function linkTo(folder, link) {
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there && !there.isSymbolicLink()) return;
  if (there && isThere(link) && readlinkSync(link).replace(/[\\/]$/, '') === folder) return;
  if (there) rmSync(link, { force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(folder, link, isWindows ? 'junction' : 'dir');
}
