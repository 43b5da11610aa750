import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildSuite } from '../../scripts/suite.mjs';
import { VsCode } from './harness';
import type { SuiteOutcome } from './suite';

const SUITE_LIMIT_MS = 240_000;

/** Runs the mocha suite inside VS Code once; each of its tests is then reported as a test of this file. */
async function runSuite(): Promise<readonly SuiteOutcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'layerglass-suite-'));
  const result = join(folder, 'result.json');
  const vscode = await VsCode.open({
    testsPath: await buildSuite(),
    env: { LAYERGLASS_SUITE_RESULT: result },
  });
  try {
    for (const deadline = Date.now() + SUITE_LIMIT_MS; Date.now() < deadline; ) {
      const text = await readFile(result, 'utf8').catch(() => '');
      if (text !== '') return JSON.parse(text);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    const path = await vscode.screenshot('in-host-suite-hangs');
    throw new Error(
      `The suite wrote no result. See ${path}. Log of the extension host:\n${await vscode.log('exthost')}`,
    );
  } finally {
    await vscode.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const outcomes = await runSuite();

describe('in the extension host', () => {
  test('runs tests', () => expect(outcomes.length).toBeGreaterThan(0));
  for (const { title, state, error } of outcomes) {
    test.skipIf(state === 'skipped')(title, () => {
      expect(error ?? '').toBe('');
    });
  }
});
