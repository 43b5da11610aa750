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

const FIRST_STEPS = `
First steps:
  layerglass inspect model.keras
  layerglass explain model.keras --input photo.png --out map.png
  layerglass explain --help`;

/** The command line. @param openSession provides the session of a command */
export function program(openSession: OpenSession): Command {
  const root = new Command('layerglass')
    .description(
      'Inspect, run and explain trained Keras and TensorFlow.js models. No Python; nothing leaves this machine.',
    )
    .version(VERSION)
    .showHelpAfterError('(add --help for the options)')
    .commandsGroup('More:')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', FIRST_STEPS);
  const groups: Readonly<Record<string, readonly Command[]>> = {
    'A model:': [
      inspectCommand(openSession).summary('list its layers, output shapes and parameters'),
      graphCommand(openSession).summary('draw its graph as an SVG image'),
      weightsCommand(openSession).summary('statistics of every weight, dead and duplicate filters'),
      diffCommand(openSession).summary('compare two models, up to the first layer that differs'),
      textconvCommand(openSession).summary('print it as text for "git diff"'),
    ],
    'A model and an input:': [
      runCommand(openSession).summary('write outputs and values of layers as .npy'),
      statsCommand(openSession).summary('statistics of all layers, and where NaN begins'),
      explainCommand(openSession).summary('which parts of the input are evidence for a class'),
      traceCommand(openSession).summary('follow the values of a layer back to the input'),
      unitCommand(openSession).summary('take one value of a layer apart'),
      changeCommand(openSession).summary('what would change the prediction'),
      varyCommand(openSession).summary('whether another preprocessing changes it'),
    ],
    'Many inputs or models:': [
      batchCommand(openSession).summary('predict and explain a folder, with a report'),
      mergeCommand().summary('join the parts of a batch'),
      checkCommand(openSession).summary('check a model on labelled inputs, for CI'),
      evaluateCommand(openSession).summary('measure explanation methods'),
      checkpointsCommand(openSession).summary('compare the epochs of a training'),
    ],
    'More:': [
      inferCommand().summary('list the layers that code builds, without running it'),
      methodsCommand().summary('list the explanation methods and their options'),
      mcpCommand(VERSION).summary('serve the Model Context Protocol to an agent'),
    ],
  };
  for (const [heading, commands] of Object.entries(groups))
    for (const command of commands) root.addCommand(command.helpGroup(heading));
  addCompletion(root);
  for (const command of [root, ...root.commands]) command.exitOverride();
  for (const command of root.commands) command.copyInheritedSettings(root);
  return root;
}
