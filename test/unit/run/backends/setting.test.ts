import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backendOption } from '../../../../src/cli/options';
import { BACKENDS } from '../../../../src/shared/model';

const { contributes } = JSON.parse(readFileSync(join(__dirname, '../../../../package.json'), 'utf8'));
const setting = contributes.configuration.properties['layerglass.backend'];

test('the setting offers every backend and describes each', () => {
  expect(setting.enum).toEqual(['auto', ...BACKENDS]);
  expect(setting.enumDescriptions).toHaveLength(setting.enum.length);
});

test('the command line offers the same', () => {
  expect(backendOption().argChoices).toEqual(setting.enum);
});
