import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { realPathOf, statOf } from '../../server/io/openFile';
import { backendOption, customLayersOption, threadsOption } from '../options';
import type { ComputeOptions } from '../session';

interface McpOptions extends Omit<ComputeOptions, 'weights'> {
  readonly root?: readonly string[];
}

/** @param version of this program, which clients show */
export function mcpCommand(version: string): Command {
  return new Command('mcp')
    .description(
      'Serve the Model Context Protocol over stdin and stdout: an agent lists layers, reads values and sees why a model predicts what it does. Read-only.',
    )
    .addOption(
      new Option(
        '--root <folder>',
        'a folder that may be read; repeat for more. Default: those that the client names, else the current folder',
      ).argParser(folder),
    )
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(customLayersOption())
    .action(async ({ root, backend, threads, customLayers = [] }: McpOptions) => {
      // Loaded here, so that no other command waits for the protocol's library.
      const { serveMcp } = await import('./serveMcp');
      await serveMcp(
        { backend, threads, customLayers, nativePath: '', memoryLimit: 0 },
        root ?? null,
        version,
      );
    });
}

function folder(value: string, before: readonly string[] | undefined): readonly string[] {
  const real = realPathOf(resolve(value));
  if (real === null || !statOf(real)?.isDirectory())
    throw new InvalidArgumentError('There is no such folder.');
  return [...(before ?? []), real];
}
