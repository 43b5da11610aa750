import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { mergeBatches } from '../../server/batch/mergeBatches';
import { jsonOption } from '../options';
import { printSummary } from './batchSummary';
import { untilStopped } from './stopSignal';

interface MergeOptions {
  readonly out: string;
  readonly json?: boolean;
}

export const mergeCommand = (): Command =>
  new Command('merge')
    .description('Join the parts that "batch --shard" wrote to what one call would have written.')
    .argument('<folders...>', 'the folders of the parts, or the one that holds them')
    .addOption(
      new Option('--out <folder>', 'a new folder, which everything is written into').makeOptionMandatory(),
    )
    .addOption(jsonOption())
    .action((folders: readonly string[], { out, json }: MergeOptions) =>
      untilStopped(async (control) => {
        const { record, files } = await mergeBatches(folders, out, control);
        printSummary(record, resolve(out), files, json ?? false);
      }),
    );
