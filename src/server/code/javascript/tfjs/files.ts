import { posix } from 'node:path';
import type { Arguments, Machine } from '../../machine';
import type { CallExpression } from '../../syntax/ast';
import type { Value } from '../../values';

const { normalize } = posix;

/** What a local file is named with. */
const FILE = 'file://';
const LOADS = /^tf\.load(Layers|Graph)Model$/;

/** Notes a call that loads or saves a model, or looks up a layer by its name. */
export function noteFile(machine: Machine, callee: Value, given: Arguments, site: CallExpression): void {
  const name = nameOf(callee, site);
  if (name === 'getLayer') noteLookup(machine, callee, site);
  const [first] = given.positional;
  if (first?.kind !== 'string') return;
  const owner = callee.kind === 'method' ? callee.object : null;
  const model = owner?.kind === 'model' ? owner : null;
  if (callee.kind === 'reference' && LOADS.test(callee.path)) {
    const file = localFile(first.value);
    const isGraph = callee.path.endsWith('GraphModel');
    if (file !== null) machine.files.push({ site, file, model: null, ...(isGraph && { isGraph }) });
  } else if (
    name === 'save' &&
    first.value.startsWith(FILE) &&
    (model !== null || callee.kind === 'unknown')
  ) {
    // A folder with a file of that name in it.
    machine.files.push({
      site,
      file: normalize(`${first.value.slice(FILE.length)}/model.json`),
      model,
    });
  }
}

/** The path of a file on this machine, or beside the page that loads it; `null` for what a server has. */
export function localFile(name: string): string | null {
  if (name.startsWith(FILE)) return normalize(name.slice(FILE.length));
  return /^[a-z][a-z\d+.-]*:/i.test(name) ? null : normalize(name);
}

function nameOf(callee: Value, { callee: written }: CallExpression): string {
  if (callee.kind === 'method') return callee.name;
  return written.kind === 'attribute' ? written.name : '';
}

function noteLookup(machine: Machine, callee: Value, { arguments: [written] }: CallExpression): void {
  if (written?.value.kind !== 'string') return;
  const at = { from: written.value.from, to: written.value.to };
  if (callee.kind === 'method' && callee.object.kind === 'model')
    machine.lookups.push({ at, of: callee.object });
  const file = callee.kind === 'unknown' && callee.file !== undefined ? localFile(callee.file) : null;
  if (file !== null) machine.lookups.push({ at, of: file });
}
