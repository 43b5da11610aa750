import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Graph, TensorRef } from '../server/graph/graph';
import { noSuchLayer } from '../server/graph/noSuchLayer';
import { writeNpy, writeNpyStrings } from '../server/inputs/arrays/npy';
import { type AddFile, writeAllOrNoneAsync } from '../server/io/writeFile';
import type { Tensor } from '../server/layers/kind';
import type { Trace } from '../server/run/trace';
import type { Session } from '../server/session/session';
import { visible } from '../shared/text';
import { addRunOptions, type ModelRunOptions, runModel } from './modelRun';
import { inputOption, modelArgument, textOption } from './options';
import { printJson, printLines } from './output';
import type { OpenSession } from './session';

interface RunOptions extends ModelRunOptions {
  readonly layer?: readonly string[];
  readonly all?: boolean;
  readonly stage: 'pre' | 'post' | 'both';
  readonly out: string;
}

interface Written {
  readonly path: string;
  readonly stage: 'pre' | 'post' | 'output';
  readonly output: number;
  readonly shape: readonly number[];
  readonly file: string;
}

export function runCommand(openSession: OpenSession): Command {
  const command = new Command('run')
    .description(
      'Run a model and write its outputs, or the values of its layers before and after their activations, as .npy. Unknown outputs are named; if no output is known, the last known values are written instead.',
    )
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(textOption())
    .addOption(
      new Option('--layer <path>', 'a layer, e.g. vgg16/block5_conv3; repeat for more layers').argParser(
        (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
      ),
    )
    .option('--all', 'every layer')
    .addOption(
      new Option('--stage <stage>', 'before the activation, after it, or both')
        .choices(['pre', 'post', 'both'])
        .default('both'),
    )
    .requiredOption('--out <dir>', 'the folder to write to');
  return addRunOptions(command).action((model: string, options: RunOptions) =>
    run(openSession(options), model, options),
  );
}

async function run(session: Session, model: string, options: RunOptions): Promise<void> {
  await runModel(
    session,
    model,
    options,
    async ({ trace, inputs }) => {
      const { graph } = trace;
      const unknown = unknownOutputs(graph, trace);
      const asked = options.all ? everyPath(graph, trace) : (options.layer ?? []);
      // If no output is known and no layer was requested, the last known values are written.
      const isStopped = asked.length === 0 && unknown.size === graph.outputs.length;
      const paths = isStopped ? lastKnown(graph, trace, unknown) : asked;
      const written: Written[] = [];
      const notices: string[] = inputs.flatMap((input) => input.notices);
      await writeAllOrNoneAsync(async (add) => {
        for (const path of paths) written.push(...(await writeLayer(add, trace, path, options)));
        for (const [i, ref] of graph.outputs.entries()) {
          const because = unknown.get(i);
          if (because !== undefined) {
            const why = graph.nodes.get(because)?.notice;
            notices.push(
              `Output ${i} is unknown because of ${because}${why === undefined ? '.' : `: ${why}`}`,
            );
            continue;
          }
          const tensor = trace.at(ref.node).outputs[ref.output];
          const file = join(options.out, `output_${i}.npy`);
          if (tensor) written.push(await write(add, tensor, ref.node, 'output', i, file));
        }
      });
      if (isStopped) notices.push(insteadOf(paths));
      if (options.json) printJson({ backend: trace.runtime.status.name, files: written, notices });
      else printLines(lines(written, notices));
    },
    { wholeBatch: true },
  );
}

const lines = (written: readonly Written[], notices: readonly string[]): string[] => [
  ...notices.map((notice) => visible(`Note: ${notice}`)),
  ...written.map((file) => `${file.file}  (${file.shape.join(', ')})`),
];

/** For each unknown output, the layer that makes it unknown. */
const unknownOutputs = (graph: Graph, trace: Trace): ReadonlyMap<number, string> =>
  new Map(
    graph.outputs.flatMap(({ node }, i) =>
      trace.values.has(node) ? [] : [[i, graph.nodes.get(node)?.unknownBecause ?? node] as const],
    ),
  );

/** The known layers that are inputs of the layers which make the outputs unknown. */
function lastKnown(graph: Graph, trace: Trace, unknown: ReadonlyMap<number, string>): string[] {
  const found = new Set<string>();
  const open = [...new Set(unknown.values())];
  const seen = new Set(open);
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const { node } of graph.nodes.get(path)?.inputs ?? []) {
      if (trace.values.has(node)) found.add(node);
      else if (!seen.has(node)) open.push(node);
      seen.add(node);
    }
  }
  return [...graph.nodes.keys()].filter((path) => found.has(path));
}

const insteadOf = (paths: readonly string[]): string =>
  paths.length === 0
    ? 'No output is known, and nothing was written. List the layers with: layerglass inspect MODEL'
    : `No output is known. Written instead, as the last known values: ${paths.join(', ')}.`;

/** Every row of `inspect` whose values are known. */
const everyPath = (graph: Graph, trace: Trace): string[] =>
  graph.summary.layers
    .map((row) => row.path)
    .filter((p) => outputsOf(graph, p).every((ref) => trace.values.has(ref.node)));

function outputsOf(graph: Graph, layer: string): readonly TensorRef[] {
  const model = graph.models.get(layer);
  if (model) return model.outputs;
  return graph.nodes.has(layer) ? [{ node: layer, output: 0 }] : noSuchLayer(graph, layer);
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
