import * as z from 'zod';
import { toResult } from '../../shared/errors';
import type { LayerRow } from '../../shared/model';
import { jsonText } from '../../shared/results/jsonText';
import { layerConfig, trainingConfig } from '../answers/modelConfig';
import { defaultLayer } from '../explain/layerChoice';
import { labelsOf } from '../labels/labels';
import { type OpenModel, settingsFile } from '../session/openModels';
import { readSidecar } from '../session/sidecar';
import { filesBeside } from './filesBeside';
import { modelPart, withModel } from './question';
import { tool } from './tool';

/** Characters of the rows of one answer; the next ones are asked for. */
const MAX_ROWS_TEXT = 16_000;
const MAX_LAYERS = 200;
const DEFAULT_LAYERS = 100;
const MAX_NAMES = 50;
const MAX_NOTICES = 20;
/** Characters of a config; a longer one is left out. */
const MAX_CONFIG = 8000;

export const inspectModel = tool(
  {
    name: 'inspect_model',
    title: 'Inspect a model',
    description:
      'Lists the layers of a trained Keras or TensorFlow.js model with their classes, output shapes, parameters and connections, its inputs and outputs, how it was compiled, its class names, and what in the file would be foreign code. Reads no weights and runs nothing, so it is fast for models of any size. Ask this first.',
    schema: z.strictObject({
      ...modelPart,
      from: z.int().min(0).optional().describe('Index of the first layer to list; 0 if left out.'),
      count: z
        .int()
        .min(1)
        .max(MAX_LAYERS)
        .optional()
        .describe(`How many layers to list; ${DEFAULT_LAYERS} if left out.`),
      layer: z
        .string()
        .min(1)
        .optional()
        .describe('Also answer with the config of this layer, as the file has it.'),
    }),
  },
  (call, { from = 0, count = DEFAULT_LAYERS, layer, ...question }) =>
    withModel(call, question, async (opened) => ({
      document: {
        ...(await about(opened)),
        ...(layer !== undefined && { config: { layer, ...short(layerConfig(opened, layer)) } }),
        ...page(opened.graph.summary.layers, from, count),
      },
    })),
);

async function about(opened: OpenModel): Promise<object> {
  const { graph, path, defaultPreprocessing, preprocessingReason } = opened;
  const { format, name, className, kerasVersion, inputs, outputs, params, multiplyAdds, weightsOnly } =
    graph.summary;
  const { labels, from, ignored } = await labelsOf(opened);
  const settings = await toResult(() => readSidecar(settingsFile(opened))?.preprocessing);
  return {
    ...{ path, format, name, className, kerasVersion },
    inputs: inputs.slice(0, MAX_NAMES),
    outputs: outputs.slice(0, MAX_NAMES),
    parameters: params,
    multiplyAdds,
    ...(weightsOnly && { weightsOnly }),
    compile: short(trainingConfig(opened)).config,
    classNames: { count: labels.length, from, names: labels.slice(0, MAX_NAMES) },
    preprocessing:
      settings.ok && settings.value
        ? settings.value
        : { ...defaultPreprocessing, guessedBecause: preprocessingReason },
    filesBeside: filesBeside(opened),
    defaultLayer: defaultLayer(graph, 0),
    foreignCode: graph.summary.foreignCode.slice(0, MAX_NOTICES),
    notices: [...graph.summary.notices, ...ignored].slice(0, MAX_NOTICES),
  };
}

function short({ config, isCut }: { readonly config: unknown; readonly isCut: boolean }): {
  readonly config: unknown;
} {
  const isLong = jsonText(config).length > MAX_CONFIG;
  return { config: isLong || isCut ? 'too long to list: the file has it' : config };
}

/** As many of the layers as fit, and where to go on. */
function page(layers: readonly LayerRow[], from: number, count: number): object {
  const rows: object[] = [];
  let length = 0;
  for (const layer of layers.slice(from, from + count)) {
    const row = rowOf(layer);
    length += jsonText(row).length;
    if (rows.length > 0 && length > MAX_ROWS_TEXT) break;
    rows.push(row);
  }
  const next = from + rows.length;
  return { layerCount: layers.length, from, layers: rows, next: next < layers.length ? next : null };
}

const rowOf = ({
  path,
  className,
  outputShapes,
  params,
  activation,
  inbound,
  status,
  unknownBecause,
  notice,
}: LayerRow): object => ({
  path,
  class: className,
  outputShapes: outputShapes.slice(0, MAX_NAMES),
  params,
  ...(activation !== null && { activation }),
  inbound: inbound.slice(0, MAX_NAMES),
  ...(status === 'unknown' && { status }),
  ...(unknownBecause !== undefined && { unknownBecause }),
  ...(notice !== undefined && { notice }),
});
