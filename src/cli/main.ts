import { Command, CommanderError } from 'commander';
import type { LayerglassError } from '../shared/errors';
import { toError } from '../shared/errors';
import { explainCommand } from './explain';
import { inspectCommand } from './inspect';
import { runCommand } from './run';

/** Exit codes: 0 done, 1 it failed (one sentence on stderr), 2 the command line was wrong. */
const FAILED = 1;
const USAGE = 2;

function program(): Command {
  const root = new Command('layerglass')
    .description('Look into trained Keras and TensorFlow.js models. No Python, nothing leaves this machine.')
    .version(process.env.LAYERGLASS_VERSION ?? '0.1.0')
    .showHelpAfterError('(add --help for the options)');
  for (const command of [inspectCommand(), runCommand(), explainCommand()]) root.addCommand(command);
  for (const command of [root, ...root.commands]) command.exitOverride();
  for (const command of root.commands) command.copyInheritedSettings(root);
  return root;
}

function report(error: LayerglassError): void {
  process.stderr.write(`layerglass: ${error.message}\n`);
  if (error.remedy !== undefined) process.stderr.write(`  ${error.remedy}\n`);
}

async function main(): Promise<number> {
  try {
    await program().parseAsync(process.argv);
    return 0;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : USAGE;
    report(toError(thrown));
    return FAILED;
  }
}

// `layerglass inspect model.h5 | head` closes the pipe early: nobody reads on, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

main().then((code) => {
  // The native backend and the wasm backend keep handles open.
  process.exitCode = code;
  process.stdout.write('', () => process.exit(code));
});
