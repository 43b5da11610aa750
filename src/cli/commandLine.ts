import { CommanderError } from 'commander';
import type { LayerglassError } from '../shared/errors';
import { toError } from '../shared/errors';
import { visible } from '../shared/text';
import { program } from './program';
import { newSession } from './session';

/** Exit codes: 0 success, 1 failure (one message on stderr), 2 invalid command line; a command may have set its own (diff). */
const FAILED = 1;
const USAGE = 2;

function report(error: LayerglassError): void {
  process.stderr.write(`layerglass: ${visible(error.message)}\n`);
  // The remedy of an internal failure names the log. There is none here, so the stack is printed instead.
  const remedy = error.kind === 'too-costly' ? 'Choose a smaller input, or add --costly.' : error.remedy;
  if (remedy !== undefined && error.kind !== 'internal') process.stderr.write(`  ${visible(remedy)}\n`);
  if (error.stack !== undefined) process.stderr.write(`${error.stack.split('\n').map(visible).join('\n')}\n`);
}

async function main(): Promise<number> {
  try {
    await program(newSession).parseAsync(process.argv);
    return exitCode(0);
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : USAGE;
    report(toError(thrown));
    return exitCode(FAILED);
  }
}

const exitCode = (otherwise: number): number => Number(process.exitCode ?? otherwise);

/** The bundle (`dist/commandLine.js`) of all commands: runs the one that the process was started with, and ends the process. */
export function runCommandLine(): void {
  // `layerglass inspect model.h5 | head` closes the pipe early, which is not a failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });

  main().then((code) => {
    // The native backend and the wasm backend keep handles open.
    process.exitCode = code;
    process.stdout.write('', () => process.exit(code));
  });
}
