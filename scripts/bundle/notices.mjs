/** The licences of the packages that the bundles contain, which must travel with them. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inProject, isThere, Trouble } from '../lib.mjs';
import { checkLicence } from './licences.mjs';

const FILE = 'ThirdPartyNotices.txt';

/** Texts in `licenses/packages` for packages that contain none: from their sources' headers, README or repository. */
const TEXTS = {
  '@bomb.sh/tab': 'tab.txt',
  '@bufbuild/protobuf': 'protobuf.txt',
  '@microsoft/fast-element': 'microsoft.txt',
  '@microsoft/fast-foundation': 'microsoft.txt',
  '@microsoft/fast-web-utilities': 'microsoft.txt',
  '@tensorflow/tfjs-backend-cpu': 'tfjs.txt',
  '@tensorflow/tfjs-backend-wasm': 'tfjs.txt',
  '@tensorflow/tfjs-core': 'tfjs.txt',
  '@vscode/l10n': 'microsoft.txt',
  seedrandom: 'seedrandom.txt',
};

/** Data of others, by its file: what it is, and its licence in `licenses/packages`. */
const DATA = {
  'src/server/labels/imagenetNames.json': [
    'The class names of ImageNet, from keras.applications',
    'keras.txt',
  ],
  'src/server/code/python/applications/programs.json': [
    'The code that builds the networks of keras.applications, shortened',
    'keras.txt',
  ],
};

/** A package's folder in a path of esbuild, which has slashes on every system; the deepest, for a package in a package. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

const LICENCE = /^(licen[cs]e|notice|copying|copyrightnotice|thirdpartynotices)[^/\\]*$/i;

/**
 * Writes `ThirdPartyNotices.txt` into `dist`.
 * @param {string} dist
 * @param {import('esbuild').Metafile[]} metafiles what each bundle was made from
 * @throws {Trouble} for a package without a text of its licence, or with a licence that is not allowed
 */
export function writeNotices(dist, metafiles) {
  const paths = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(
    paths.map((path) => PACKAGE.exec(path)?.[0]).filter((folder) => folder !== undefined),
  );
  const notices = [...folders].map((folder) => notice(inProject(folder)));
  for (const [path, [what, licence]] of Object.entries(DATA)) {
    if (!paths.includes(path)) continue;
    notices.push(`${what}\n\n${readFileSync(inProject('licenses/packages', licence), 'utf8').trim()}\n`);
  }
  writeFileSync(
    join(dist, FILE),
    ['Layerglass contains the following packages.\n', ...[...new Set(notices)].sort()].join(
      `\n${'-'.repeat(80)}\n\n`,
    ),
  );
}

function notice(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  checkLicence(manifest);
  const { name, version, license } = manifest;
  // Codecs have theirs in a folder of their own.
  const files = ['', 'codec'].flatMap((part) => licencesIn(join(folder, part)));
  if (files.length === 0 && name in TEXTS) files.push(inProject('licenses/packages', TEXTS[name]));
  if (files.length === 0)
    throw new Trouble(
      `The package ${name} contains no text of its licence (${license}): add one to licenses/packages and scripts/bundle/notices.mjs.`,
    );
  const texts = files.map((file) => readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim());
  return `${name} ${version}\n\n${texts.join('\n\n')}\n`;
}

function licencesIn(folder) {
  if (!isThere(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && LICENCE.test(entry.name),
  );
  return names.map((entry) => join(folder, entry.name));
}
