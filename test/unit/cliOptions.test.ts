import { describe, expect, test } from 'vitest';
import { program } from '../../src/cli/program';

const commands = program(() => {
  throw new Error('no command runs here');
}).commands.map((command) => ({
  name: command.name(),
  options: command.options.map(({ long }) => long),
}));
const takesInput = commands.filter(({ options }) => options.includes('--input'));

test('the commands that take an input', () => {
  expect(takesInput.map(({ name }) => name)).toEqual([
    'diff',
    'run',
    'stats',
    'explain',
    'trace',
    'unit',
    'change',
    'vary',
    'batch',
    'check',
    'evaluate',
    'checkpoints',
  ]);
});

describe.each(takesInput)('$name', ({ name, options }) => {
  test.each(['--preprocess', '--resize', '--costly', '--backend'])('%s', (option) => {
    expect(options).toContain(option);
  });

  // The weights that `checkpoints` takes are the files that it compares; `diff` has two models, each with its own.
  const weights = new Map([
    ['checkpoints', '--model'],
    ['diff', '--tolerance'],
  ]).get(name);
  test(weights ?? '--weights', () => {
    expect(options).toContain(weights ?? '--weights');
  });
});
