import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Graph, TensorRef } from '../server/graph/graph';
import { writeNpy, writeNpyStrings } from '../server/inputs/npy';
import { type AddFile, writeTogetherAsync } from '../server/io/writeFile';
import type { Tensor } from '../server/layers/kind';
import { noControl } from '../server/run/control';
import type { Trace } from '../server/run/trace';
import type { Session } from '../server/session/session';
import { readSidecar } from '../server/sidecar';
import { fail } from '../shared/errors';
import type { InputSource, Preprocessing } from '../shared/inputs';
import { visible } from '../shared/text';
import {
  backendOption,
  customLayersOption,
  inputOption,
  jsonOption,
  modelArgument,
  preprocessOption,
} from './options';
import { printJson, printLines } from './output';
import type { ComputeOptions, OpenSession } from './session';

interface RunOptions extends ComputeOptions {
  readonly input: readonly InputSource[];
  readonly layer?: readonly string[];
  readonly all?: boolean;
  readonly stage: 'pre' | 'post' | 'both';
  readonly out: string;
  readonly preprocess?: Preprocessing;
  readonly json?: boolean;
}

interface Written {
  readonly path: string;
  readonly stage: 'pre' | 'post' | 'output';
  readonly output: number;
  readonly shape: readonly number[];
  readonly file: string;
}

export function runCommand(openSession: OpenSession): Command {
  return new Command('run')
    .description(
      'Run a model and write the values of its layers, before and after their activations, as .npy.',
    )
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(
      new Option('--layer <path>', 'a layer, e.g. vgg16/block5_conv3; repeat for more').argParser(
        (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
      ),
    )
    .option('--all', 'every layer')
    .addOption(
      new Option('--stage <stage>', 'before the activation, after it, or both')
        .choices(['pre', 'post', 'both'])
        .default('both'),
    )
    .requiredOption('--out <dir>', 'the folder to write to')
    .addOption(preprocessOption())
    .addOption(backendOption())
    .addOption(customLayersOption())
    .addOption(jsonOption())
    .action((model: string, options: RunOptions) => run(openSession(options), model, options));
}

async function run(session: Session, model: string, options: RunOptions): Promise<void> {
  const opened = await session.open(model);
  const settings = readSidecar(opened.path);
  const preprocessing = options.preprocess ?? settings?.preprocessing ?? opened.defaultPreprocessing;
  await session.run(
    opened.id,
    options.input,
    preprocessing,
    noControl,
    async ({ trace }) => {
      const { graph } = trace;
      const paths = options.all ? everyPath(graph, trace) : (options.layer ?? []);
      const written: Written[] = [];
      const notices: string[] = [];
      await writeTogetherAsync(async (add) => {
        for (const path of paths) written.push(...(await writeLayer(add, trace, path, options)));
        for (const [i, ref] of graph.outputs.entries()) {
          // Behind an unknown layer: an error only when nothing else was asked for.
          if (paths.length > 0 && !trace.values.has(ref.node)) {
            notices.push(`output ${i} is unknown because of ${graph.nodes.get(ref.node)?.unknownBecause}`);
            continue;
          }
          const tensor = trace.at(ref.node).outputs[ref.output];
          const file = join(options.out, `output_${i}.npy`);
          if (tensor) written.push(await write(add, tensor, ref.node, 'output', i, file));
        }
      });
      if (options.json) printJson({ backend: trace.runtime.status.name, files: written, notices });
      else printLines(lines(written, notices));
    },
    { preprocessArrays: options.preprocess !== undefined, wholeBatch: true },
  );
  session.close(opened.id);
}

const lines = (written: readonly Written[], notices: readonly string[]): string[] => [
  ...notices.map((notice) => visible(`Note: ${notice}`)),
  ...written.map((file) => `${file.file}  (${file.shape.join(', ')})`),
];

/** Every row of `inspect` whose values are known. */
const everyPath = (graph: Graph, trace: Trace): string[] =>
  graph.summary.layers
    .map((row) => row.path)
    .filter((p) => outputsOf(graph, p).every((ref) => trace.values.has(ref.node)));

function outputsOf(graph: Graph, layer: string): readonly TensorRef[] {
  const model = graph.models.get(layer);
  if (model) return model.outputs;
  return graph.nodes.has(layer)
    ? [{ node: layer, output: 0 }]
    : fail('no-such-layer', `The model has no layer "${layer}".`, {
        subject: layer,
        remedy: 'List them with: layerglass inspect MODEL',
      });
}

async function writeLayer(
  add: AddFile,
  trace: Trace,
  layer: string,
  options: RunOptions,
): Promise<Written[]> {
  const { graph } = trace;
  const base = join(options.out, layer.replaceAll(/[/\\]/g, '__'));
  const written: Written[] = [];
  const refs = outputsOf(graph, layer);
  const isModel = graph.models.has(layer);
  const tensors = isModel
    ? refs.map((ref) => trace.at(ref.node).outputs[ref.output])
    : [...trace.at(layer).outputs];
  const pre = isModel ? null : trace.at(layer).pre;
  if (options.stage !== 'post' && pre)
    written.push(await write(add, pre, layer, 'pre', 0, `${base}.pre.npy`));
  if (options.stage !== 'pre') {
    for (const [i, tensor] of tensors.entries()) {
      const file = tensors.length === 1 ? `${base}.post.npy` : `${base}.post.${i}.npy`;
      if (tensor) written.push(await write(add, tensor, layer, 'post', i, file));
    }
  }
  return written;
}

async function write(
  add: AddFile,
  tensor: Tensor,
  layer: string,
  stage: Written['stage'],
  output: number,
  file: string,
): Promise<Written> {
  add(file, await npyOf(tensor));
  return { path: layer, stage, output, shape: tensor.shape, file };
}

async function npyOf(tensor: Tensor): Promise<Buffer> {
  if (tensor.dtype === 'string') return writeNpyStrings(await tensor.data<'string'>(), tensor.shape);
  const values = await tensor.data();
  return writeNpy(
    tensor.dtype === 'float32' ? Float32Array.from(values) : Int32Array.from(values),
    tensor.shape,
  );
}
