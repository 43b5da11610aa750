import * as z from 'zod';
import { fail } from '../../shared/errors';
import { type InputSource, PREPROCESSINGS, type Preprocessing } from '../../shared/inputs';
import { kerasShape } from '../../shared/kerasShape';
import { labelsFor } from '../../shared/labels/foundLabels';
import { METHOD_IDS, type MethodId } from '../../shared/methods';
import type { RequestType, RunParams } from '../../shared/protocol';
import { inputSource } from '../../shared/sources/inputText';
import { MAX_TYPED_CHARACTERS } from '../../shared/sources/typedInput';
import { labelsOf } from '../labels/labels';
import { type OpenModel, settingsFile } from '../session/openModels';
import { readSidecar } from '../session/sidecar';
import { filesBeside } from './filesBeside';
import type { ToolCall } from './tool';

const MAX_PATH = 4096;
const MAX_INPUTS = 64;
const path = z.string().min(1).max(MAX_PATH);

/** What every question about a model states. */
export const modelPart = {
  model: path.describe(
    'Path of a model: a .keras, .h5, .hdf5, model.json or saved_model.pb file, or the folder of a SavedModel. Absolute, or relative to an open folder.',
  ),
};

export const layerPart = {
  layer: path.describe('Path of a layer, as inspect_model lists it, such as conv2d_1 or vgg16/block5_conv3.'),
};

/** Not as an enumeration: each new method would change the manifest of the extension, too. */
export const methodPart = z
  .string()
  .refine((id): id is MethodId => (METHOD_IDS as readonly string[]).includes(id), {
    error: `there are ${METHOD_IDS.join(', ')}`,
  });

const names = PREPROCESSINGS.map(({ name }) => name).filter((name) => name !== 'custom');

/** What every question about values states. */
export const runPart = {
  ...modelPart,
  inputs: z
    .array(
      z.union([
        path,
        z.object({ text: z.string().max(MAX_TYPED_CHARACTERS).describe('A text, letters or token ids.') }),
      ]),
    )
    .max(MAX_INPUTS)
    .optional()
    .describe(
      'One per input of the model, in its order: the path of an image (PNG, JPEG, WebP, BMP), of .npy, .npz (file.npz#array), FASTA (file.fasta#name), .csv or .json (file.csv#2) or .txt; "random:SEED" for random values; or {"text": ...}. Left out: the last ones of the settings beside the model.',
    ),
  preprocessing: z
    .enum(names)
    .optional()
    .describe(
      'What is done with the pixels of images. Left out: as in the settings beside the model, else a guess, which is named in the answer.',
    ),
  costly: z
    .boolean()
    .optional()
    .describe('Run even if it is estimated to take over a minute or very much memory.'),
};

type ModelQuestion = z.output<z.ZodObject<typeof modelPart>>;
type RunQuestion = z.output<z.ZodObject<typeof runPart>>;

/** Opens the model of a question, and releases it after the answer. @throws Failure */
export async function withModel<T>(
  { models, roots }: ToolCall,
  { model }: ModelQuestion,
  work: (opened: OpenModel) => Promise<T> | T,
): Promise<T> {
  const opened = await models.open(roots.inside(model));
  try {
    return await work(opened);
  } finally {
    models.close(opened.id);
  }
}

/** A model and its inputs. */
export interface Asked {
  readonly opened: OpenModel;
  /** Of each request about them. */
  readonly run: RunParams;
  /** Class names of the first output. */
  readonly labels: readonly string[];
  /** Sentences about what was guessed or cannot be used. */
  readonly notices: readonly string[];
  request<Params extends RunParams, Value>(type: RequestType<Params, Value>, params: Params): Promise<Value>;
}

/** As `withModel`, for a question about values. @throws Failure */
export const withInputs = <T>(
  call: ToolCall,
  question: RunQuestion,
  work: (asked: Asked) => Promise<T>,
): Promise<T> =>
  withModel(call, question, async (opened) => {
    const settings = readSidecar(settingsFile(opened));
    const found = await labelsOf(opened);
    const { preprocessing, notices } = preprocessingOf(opened, question, settings?.preprocessing);
    const sources = question.inputs?.map((input) => sourceOf(call, input)) ?? settings?.lastInputs;
    const inputs = sources ?? failWithoutInputs(opened);
    return work({
      opened,
      run: { modelId: opened.id, inputs, preprocessing, ...(question.costly && { insist: true }) },
      labels: settings?.labels ?? labelsFor(found, opened.graph.summary.outputs[0]?.shape),
      notices: [...notices, ...found.ignored],
      request: (type, params) => call.compute.request(type, opened, params, call.control),
    });
  });

function sourceOf({ roots }: ToolCall, input: string | { readonly text: string }): InputSource {
  if (typeof input !== 'string') return { kind: 'text', text: input.text };
  const source = inputSource(input);
  return source.kind === 'file' ? { ...source, path: roots.inside(source.path) } : source;
}

function failWithoutInputs(opened: OpenModel): never {
  const inputs = opened.graph.summary.inputs.map(
    ({ name, shape, dtype }) => `${name} ${kerasShape(shape, '?')} ${dtype}`,
  );
  const beside = filesBeside(opened);
  const files = beside.length === 0 ? '' : ` Beside the model are: ${beside.join(', ')}.`;
  return fail('bad-input', 'No inputs were given, and the settings beside the model name none.', {
    subject: opened.path,
    remedy: `Give "inputs", one for each of: ${inputs.join(', ')}.${files} "random:0" stands for random values.`,
  });
}

function preprocessingOf(
  { defaultPreprocessing, preprocessingReason, graph }: OpenModel,
  { preprocessing: name }: RunQuestion,
  settings: Preprocessing | undefined,
): { readonly preprocessing: Preprocessing; readonly notices: readonly string[] } {
  if (name !== undefined) {
    return { preprocessing: { name, ...(settings?.resize && { resize: settings.resize }) }, notices: [] };
  }
  if (settings) return { preprocessing: settings, notices: [] };
  const takesImages = graph.summary.inputs.some(({ shape }) => shape?.length === 4);
  const guess = `Preprocessing ${defaultPreprocessing.name} is a guess: ${preprocessingReason}. Choose another one with "preprocessing".`;
  return { preprocessing: defaultPreprocessing, notices: takesImages ? [guess] : [] };
}
