import { Command } from 'commander';
import { batchCommand } from './batch/batch';
import { checkCommand } from './batch/check';
import { mergeCommand } from './batch/merge';
import { changeCommand } from './change';
import { checkpointsCommand } from './checkpoints/checkpoints';
import { inferCommand } from './code/infer';
import { diffCommand } from './compare/diff';
import { textconvCommand } from './compare/textconv';
import { addCompletion } from './completion/completion';
import { evaluateCommand } from './evaluate';
import { explainCommand } from './explain';
import { graphCommand } from './graph';
import { inspectCommand } from './inspect';
import { mcpCommand } from './mcp/mcp';
import { methodsCommand } from './methods';
import { runCommand } from './run';
import type { OpenSession } from './session';
import { statsCommand } from './stats';
import { traceCommand } from './trace';
import { unitCommand } from './unit';
import { varyCommand } from './vary';
import { weightsCommand } from './weights';

/** Set by the build. */
const VERSION = process.env.LAYERGLASS_VERSION ?? 'unbuilt';

/** The command line. @param openSession provides the session of a command */
export function program(openSession: OpenSession): Command {
  const root = new Command('layerglass')
    .description(
      'Inspect, run and explain trained Keras and TensorFlow.js models. No Python; nothing leaves this machine.',
    )
    .version(VERSION)
    .showHelpAfterError('(add --help for the options)');
  const commands = [
    ...[
      inspectCommand,
      graphCommand,
      runCommand,
      statsCommand,
      explainCommand,
      traceCommand,
      unitCommand,
      changeCommand,
      varyCommand,
      evaluateCommand,
      batchCommand,
      checkCommand,
      checkpointsCommand,
      diffCommand,
      textconvCommand,
      weightsCommand,
    ].map((command) => command(openSession)),
    mergeCommand(),
    methodsCommand(),
    mcpCommand(VERSION),
    inferCommand(),
  ];
  for (const command of commands) root.addCommand(command);
  addCompletion(root);
  for (const command of [root, ...root.commands]) command.exitOverride();
  for (const command of root.commands) command.copyInheritedSettings(root);
  return root;
}
