import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { inputName } from '../../src/extension/pickers/inputName';
import { unedited, withEdits } from '../../src/shared/edits/inputEdit';
import { ok } from '../../src/shared/errors';
import { changedChoice, comparedChoice } from '../../src/shared/explainChoice';
import type { InputSource } from '../../src/shared/inputs';
import { defaultMethod } from '../../src/shared/methods';
import * as protocol from '../../src/shared/protocol';
import { typedKind } from '../../src/shared/sources/typedInput';
import type { ExplainChoice } from '../../src/shared/view';
import { type ServerProcess, startServer, value } from '../server/serverProcess';
import type { FakeHost } from './pageHarness';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A model and its inputs, as paths in the repository. */
export interface Sample {
  readonly model: string;
  readonly inputs: readonly (string | InputSource)[];
  readonly choice?: Partial<ExplainChoice>;
}

/**
 * Registers hooks that run the built server, and returns a function that makes a host of the explain page which answers with
 * what the server computes.
 */
export function useSamples(): (sample: Sample) => Promise<FakeHost<'explain'>> {
  let server: ServerProcess | undefined;
  beforeAll(async () => {
    server = await startServer(`${ROOT}/dist/server.js`, { backend: 'wasm' });
  }, 60_000);
  afterAll(() => server?.stop());
  return async (sample) => {
    if (server === undefined) throw new Error('Samples can be opened in hooks and tests only.');
    return hostOf(server, sample);
  };
}

async function hostOf(
  server: ServerProcess,
  { model, inputs, choice: more }: Sample,
): Promise<FakeHost<'explain'>> {
  const opened = value(await server.request(protocol.openModel, { path: `${ROOT}/${model}` }));
  const { summary, layers, defaultPreprocessing, sidecar, modelId, foundLabels } = opened;
  const settings = sidecar.settings.ok ? sidecar.settings.value : null;
  const labels = settings?.labels ?? foundLabels.labels;
  const names = {
    labels,
    labelsFrom: labels.length === 0 ? null : 'your settings',
    labelNotices: [],
    preprocessingGuess: null,
  };
  let choice: ExplainChoice = {
    modelPath: opened.path,
    inputs: inputs.map((input) =>
      typeof input === 'string' ? { kind: 'file', path: `${ROOT}/${input}` } : input,
    ),
    preprocessing: settings?.preprocessing ?? defaultPreprocessing,
    method: defaultMethod(layers.defaultLayer !== null),
    layer: 'auto',
    target: { index: 'auto' },
    colourMap: 'turbo',
    opacity: 0.5,
    ...more,
  };
  const run = (asked: ExplainChoice) => {
    const { modelPath: _, compare: _compare, opacity: _opacity, colourMap: _colours, ...parts } = asked;
    return { ...parts, modelId, labels: [...labels], insist: true };
  };
  const typed = summary.inputs.map((input) => typedKind(input, summary.layers, settings ?? {}));
  const context = () => ({
    choice,
    summary,
    layers,
    ...names,
    inputNames: choice.inputs.map(inputName),
    typed,
  });
  return {
    ready: () => ok(context()),
    typeInput: (input, text) => {
      const sources = choice.inputs.map(
        (source, i): InputSource => (i === input ? { kind: 'text', text } : source),
      );
      choice = { ...choice, inputs: sources };
      return ok(context());
    },
    editable: (input) => {
      const { inputs: sources, preprocessing, target } = choice;
      return server.request(protocol.editableInput, {
        ...{ modelId, inputs: sources.map(unedited), preprocessing, input, target, labels: [...labels] },
      });
    },
    editInput: (input, edits) => {
      const sources = choice.inputs.map((source, i) => (i === input ? withEdits(source, edits) : source));
      choice = { ...choice, inputs: sources };
      return ok(context());
    },
    position: () => null,
    change: (change) => {
      choice = changedChoice(choice, change);
      return choice;
    },
    explain: (_, compared) =>
      server.request(protocol.explain, run(comparedChoice(choice, compared)) as protocol.ExplainParams),
    whatWouldChange: (insist) => {
      const { inputs: sources, preprocessing, target } = choice;
      return server.request(protocol.whatWouldChange, {
        ...{ modelId, inputs: sources, preprocessing, target, insist },
        ...{ method: 'feature-ablation', layer: 'auto' },
      } as protocol.ExplainParams);
    },
    inputValues: (input) => {
      const { inputs: sources, preprocessing } = choice;
      return server.request(protocol.inputValues, { modelId, inputs: sources, preprocessing, input });
    },
    layerQuantities: (layer) => {
      const { inputs: sources, preprocessing, target, colourMap } = choice;
      return server.request(protocol.layerQuantities, {
        ...{ modelId, inputs: sources, preprocessing, layer, target, colourMap },
      } as protocol.LayerQuantitiesParams);
    },
    failed: (error) => {
      throw new Error(error.message);
    },
    cancel: () => undefined,
    retry: () => undefined,
    showLog: () => undefined,
  };
}
