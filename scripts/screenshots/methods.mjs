/** The images of docs/methods.md: one per method, drawn with the command line. */
import { mkdirSync } from 'node:fs';
import { inProject, run, say } from '../lib.mjs';

/** CAM needs global average pooling before the output. */
const CAM_SAMPLE = ['samples/3-binary/spot/model.json', '--input', 'samples/3-binary/digit.png'];
const METHOD_SAMPLE = [
  'samples/4-cat-or-dog/cat-or-dog.keras',
  '--input',
  'samples/4-cat-or-dog/cat-and-dog.png',
  '--target',
  'cat',
];

/** A sentence through two attention layers; no sample has one. Words are drawn in an SVG only. */
const ATTENTION_SAMPLE = [
  'test/fixtures/attention/text.keras',
  '--input',
  'test/fixtures/attention/text.txt',
];

export function drawMethods() {
  const cli = (...args) => run(process.execPath, ['dist/cli.js', ...args]);
  const folder = 'docs/images/methods';
  mkdirSync(inProject(folder), { recursive: true });
  for (const { id } of JSON.parse(cli('methods', '--json'))) {
    const isAttention = id.startsWith('attention');
    const sample = isAttention ? ATTENTION_SAMPLE : id === 'cam' ? CAM_SAMPLE : METHOD_SAMPLE;
    const file = `${folder}/${id}.${isAttention ? 'svg' : 'png'}`;
    cli('explain', ...sample, '--method', id, '--costly', '--backend', 'wasm', '--out', file);
    say(`drew ${file}`);
  }
}
