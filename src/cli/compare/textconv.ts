import { Command } from 'commander';
import { modelLines } from '../../server/answers/compare/modelLines';
import { modelArgument } from '../options';
import { printLines } from '../output';
import type { OpenSession } from '../session';

export const textconvCommand = (openSession: OpenSession): Command =>
  new Command('textconv')
    .description(
      'A model as text, one line per layer, for "git diff": set diff.keras.textconv to "layerglass textconv". Computes nothing.',
    )
    .addArgument(modelArgument())
    .action(async (path: string) => {
      const session = openSession({ backend: 'auto', threads: 0 });
      printLines(await modelLines(await session.open(path)));
    });
