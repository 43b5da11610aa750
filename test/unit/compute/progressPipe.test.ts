import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { type ProgressReport, readProgress } from '../../../src/server/compute/progressPipe';

test('reports arrive whole, however the pipe splits them, and an incomplete one is dropped', async () => {
  const pipe = new PassThrough();
  const heard: ProgressReport[] = [];
  readProgress(pipe, (report) => heard.push(report));
  // Names come from model files, and may hold what breaks lines elsewhere.
  const reports = ['plain', 'schön\u2028\u2029\n\r', '\ud83d\ude00'].map((message, run) => ({
    run,
    fraction: run / 4,
    message,
  }));
  const bytes = Buffer.from(reports.map((report) => `${JSON.stringify(report)}\n`).join(''));
  for (const byte of bytes) pipe.write(Buffer.from([byte]));
  pipe.end('{"run":3,"frac');
  await new Promise((done) => pipe.once('end', done));
  expect(heard).toEqual(reports);
});
