import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

/** The last line of an answer: whether the shell may offer files as well. */
const NO_FILES = ':4';
const FILES = ':0';

/**
 * Adds `completion SHELL`, which prints what a shell runs to complete this command line, from its own table of commands, options and
 * choices. The shell then asks `complete -- WORDS`. Called when every other command has been added.
 */
export function addCompletion(root: Command): void {
  const known = root.commands.length;
  const completion = tab(root, { completionCommandName: 'completion' });
  const [script] = root.commands.slice(known);
  script
    ?.description('Print the completion script of a shell, to be run by its startup file.')
    .summary('print the completion script of a shell');
  // The library never offers files, and a model is one: where it knows nothing, the shell does.
  const answer = completion.parse.bind(completion);
  completion.parse = (words) => {
    const lines = printedBy(() => answer(words));
    const isEmpty = lines.length === 1 && lines[0] === NO_FILES;
    print(isEmpty ? [FILES] : lines);
  };
  const setup = completion.setup.bind(completion);
  completion.setup = (...options) =>
    print(printedBy(() => setup(...options)).map((text) => text.replace(BASH_ONLY, BASH_OR_FILES)));
}

const BASH_ONLY = /^complete -F /m;
const BASH_OR_FILES = 'complete -o default -F ';

const print = (lines: readonly string[]): void => {
  process.stdout.write(`${lines.join('\n')}\n`);
};

/** The lines that the library prints in place of returning them. */
function printedBy(work: () => void): string[] {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    work();
  } finally {
    console.log = log;
  }
  return lines;
}
