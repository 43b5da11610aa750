/**
 * `npm run release [-- --out FOLDER]`: makes everything that a version publishes, in `release/` by default: the VSIX of every
 * platform, the npm package of the command line, a bill of materials (`sbom.cdx.json`), and `SHA256SUMS` of them all.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inProject, main, npm, root, run, say, Trouble } from '../lib.mjs';
import { setUpNodeModules } from '../setup.mjs';
import { CHECKSUMS, checksums } from './checksums.mjs';

const SBOM = 'sbom.cdx.json';

/** The folder to fill, which must be empty or not there: the checksums are of all that is in it. */
function emptyFolder() {
  let out;
  try {
    ({ out = 'release' } = parseArgs({ options: { out: { type: 'string' } } }).values);
  } catch (thrown) {
    throw new Trouble(thrown.message);
  }
  const folder = resolve(root, out);
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0)
    throw new Trouble(`${folder} is not empty: remove what is in it, or name another folder with --out.`);
  return folder;
}

/** Every package that travels in a bundle or is one's dependency, as CycloneDX writes it. */
function billOfMaterials() {
  const stage = mkdtempSync(join(tmpdir(), 'layerglass-sbom-'));
  try {
    const manifest = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
    // npm takes the name from the folder.
    const folder = join(stage, manifest.name);
    mkdirSync(folder);
    const { description } = JSON.parse(readFileSync(inProject('package.nls.json'), 'utf8'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, description }));
    cpSync(inProject('package-lock.json'), join(folder, 'package-lock.json'));
    const form = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application'];
    // TensorFlow, which is optional, is in no package.
    const which = ['--omit', 'dev', '--omit', 'optional', '--package-lock-only'];
    return npm(['sbom', '--loglevel=error', ...form, ...which], { cwd: folder });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

await main(() => {
  const folder = emptyFolder();
  setUpNodeModules();
  say('making the VSIX of every platform');
  process.stdout.write(run(process.execPath, [inProject('scripts/package.mjs'), '--all', '--out', folder]));
  say('making the npm package of the command line');
  process.stdout.write(run(process.execPath, [inProject('scripts/packageCli.mjs'), '--out', folder]));
  writeFileSync(join(folder, SBOM), billOfMaterials());
  writeFileSync(join(folder, CHECKSUMS), checksums(folder));
  say(`${folder} has everything that is published`);
});
