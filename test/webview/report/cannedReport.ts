import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BatchRecord } from '../../../src/server/batch/journal';
import { reportHtml } from '../../../src/server/batch/report';
import { encodePng } from '../../../src/server/render/png';
import type { BatchHeader, BatchRow, BatchTrust } from '../../../src/shared/batch/batchRow';

const BUNDLES = resolve(import.meta.dirname, '../../../dist/report');
const SIDE = 32;
const PICTURES = 7;

/** Pictures that differ in their colour. */
function picture(which: number): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) {
    pixels[i * 3] = (which * 36) % 256;
    pixels[i * 3 + 1] = ((i % SIDE) * 255) / SIDE;
    pixels[i * 3 + 2] = (Math.floor(i / SIDE) * 255) / SIDE;
  }
  return encodePng(pixels, SIDE, SIDE);
}

/** Shares of the evidence with most of it in one part. */
const evidenceAt = (part: number): number[] => Array.from({ length: 9 }, (_, i) => (i === part ? 0.6 : 0.05));

/** Every tenth input is wrong and looks at the lower left corner, the others look at the middle; every 50th cannot be read. */
export function cannedRow(at: number, classes: number): BatchRow {
  const [truth, isWrong, isBad] = [at % classes, at % 10 === 3, at % 50 === 49];
  const index = isWrong ? (truth + 1) % classes : truth;
  const probability = isWrong ? 0.55 : 0.97;
  const base = {
    at,
    name: `class-${truth}/${at}.png`,
    truth,
    text: null,
    seconds: 0.1,
    content: null,
    nonFinite: 0,
  };
  if (isBad) {
    const error = `${at}.png is in no format that Layerglass reads.`;
    return {
      ...base,
      kind: null,
      predictions: [],
      margin: null,
      correct: null,
      picture: null,
      maps: [],
      error,
    };
  }
  const file = `${at % PICTURES}.png`;
  return {
    ...base,
    kind: 'class',
    predictions: [
      { index, label: null, logit: 2, probability },
      { index: (index + 1) % classes, label: null, logit: 1, probability: 1 - probability },
    ],
    margin: 2 * probability - 1,
    correct: !isWrong,
    picture: `inputs/${file}`,
    maps: [
      {
        method: 'grad-cam',
        overlays: [`maps/grad-cam/${file}`],
        heatMaps: [`maps/grad-cam/${file}`],
        evidence: evidenceAt(isWrong ? 6 : 4),
        trust: null,
        error: null,
      },
    ],
    error: null,
  };
}

export const CANNED_HEADER: BatchHeader = {
  layerglass: 'batch',
  version: 1,
  digest: '',
  input: '/data/test',
  shard: null,
  model: 'animals.keras',
  inputName: 'test',
  methods: ['grad-cam'],
  labels: ['cat', 'dog', 'horse', 'owl'],
  notices: ['The folders in test are taken as the classes in the order of their names, as Keras does.'],
};

/** What was examined about a map. */
const cannedTrust = (verdict: BatchTrust['verdict'], ...reasons: string[]): BatchTrust => ({
  ...{
    verdict,
    reasons,
    insertionAuc: 0.9,
    randomInsertionAuc: 0.5,
    deletionAuc: 0.2,
    randomDeletionAuc: 0.5,
  },
  ...{
    randomisation: 0.1,
    otherClass: -0.4,
    sensitivity: 0.05,
    certainty: 0.9,
    steadiness: 0.8,
    completeness: null,
  },
});

export const CANNED_TRUST: readonly BatchTrust[] = [
  cannedTrust(
    'believe',
    'The places that the map marks alone bring back the score sooner than places at random.',
    'With random weights the map is another one.',
  ),
  cannedTrust('doubt', 'With random weights the map hardly changes: <b>it shows the edges of the input</b>.'),
  cannedTrust('no-evidence', 'The map has no positive value.'),
];

/** The rows of `cannedRow`, whose maps were examined. */
export const trustedRows = (classes: number): BatchRow[] =>
  CANNED_TRUST.map((trust, at) => {
    const row = cannedRow(at, classes);
    return { ...row, maps: row.maps.map((map) => ({ ...map, trust })) };
  });

/** Writes a report with its pictures. @returns its path */
export function writeReport(folder: string, count: number, changed: Partial<BatchRecord> = {}): string {
  for (const name of ['inputs', 'maps/grad-cam']) {
    mkdirSync(join(folder, name), { recursive: true });
    for (let i = 0; i < PICTURES; i++) writeFileSync(join(folder, name, `${i}.png`), picture(i));
  }
  const rows = Array.from({ length: count }, (_, at) => cannedRow(at, CANNED_HEADER.labels.length));
  const path = join(folder, 'report.html');
  writeFileSync(path, reportHtml({ header: CANNED_HEADER, rows, isDone: true, ...changed }, BUNDLES));
  return path;
}
