import { type ErrorKind, Failure, fail, toError } from '../../shared/errors';
import type { CallToolParams } from '../../shared/protocol';
import { jsonText } from '../../shared/results/jsonText';
import type { ToolAnswer } from '../../shared/results/toolAnswer';
import type { RequestControl } from '../compute/compute';
import { explainPrediction } from './explainPrediction';
import { inferShapes } from './inferShapes';
import { inspectModel } from './inspectModel';
import { layerValues } from './layerValues';
import { listMethods } from './listMethods';
import { Roots } from './roots';
import type { Tool, ToolHost } from './tool';
import { traceValue } from './traceValue';

/** What a language model can ask for, in the order in which it usually does. */
export const TOOLS: readonly Tool[] = [
  inspectModel,
  layerValues,
  explainPrediction,
  traceValue,
  listMethods,
  inferShapes,
];

/** Characters of one answer: about 12,000 tokens. */
const MAX_TEXT = 48_000;

/** @throws Failure whose remedy says what to try next. */
export async function callTool(
  host: ToolHost,
  { tool: name, input, roots }: CallToolParams,
  control: RequestControl,
): Promise<ToolAnswer> {
  const found = TOOLS.find((tool) => tool.name === name);
  if (!found) {
    return fail('bad-input', `There is no tool "${name}".`, {
      remedy: `There are: ${TOOLS.map((tool) => tool.name).join(', ')}.`,
    });
  }
  try {
    const call = { models: host.models, compute: host.compute, roots: new Roots(roots), control };
    const { document, pictures = [] } = await found.answer(call, input);
    const text = jsonText(document);
    if (text.length <= MAX_TEXT) return { text, pictures };
    return fail(
      'too-large',
      `The answer of ${name} has ${text.length} characters; the limit is ${MAX_TEXT}.`,
      {
        remedy: 'Ask for less: a smaller count, or a layer with fewer names.',
      },
    );
  } catch (thrown) {
    const error = toError(thrown);
    const remedy = REMEDIES[error.kind] ?? error.remedy;
    throw new Failure({ ...error, ...(remedy !== undefined && { remedy }) });
  }
}

/** What to try next, where the usual remedy is about pages or the command line. */
const REMEDIES: Partial<Record<ErrorKind, string>> = {
  'no-such-layer':
    'List the layers with inspect_model. Names of inner layers are written with their model, as in vgg16/block5_conv3.',
  'too-costly': 'Choose a smaller input, or ask again with "costly": true if the user agrees.',
  'compute-ended':
    'Other models are not affected. Choose another input, or ask again with "costly": true if the user agrees.',
  internal: 'Report it with the model if you can.',
};
