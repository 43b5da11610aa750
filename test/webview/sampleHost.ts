import { join } from 'node:path';
import { explainRun } from '../../src/server/answers/explanation';
import { drawnQuantities } from '../../src/server/answers/layerQuantities';
import { explainableLayers } from '../../src/server/explain/layerChoice';
import { NO_CONTROL } from '../../src/server/run/control';
import type { Run } from '../../src/server/session/runs';
import { Session } from '../../src/server/session/session';
import { readSidecar } from '../../src/server/session/sidecar';
import { ok, type Result, toResult } from '../../src/shared/errors';
import { changedChoice } from '../../src/shared/explainChoice';
import type { InputSource } from '../../src/shared/inputs';
import { defaultMethod } from '../../src/shared/methods';
import type { ExplainChoice } from '../../src/shared/view';
import type { FakeHost } from './pageHarness';

const ROOT = join(__dirname, '../..');

export interface SampleHost {
  readonly host: FakeHost<'explain'>;
  /** What is explained now. */
  choice(): ExplainChoice;
  close(): void;
}

/** A host of the explain page that answers with what the server computes for a sample or a fixture. */
export async function sampleHost(
  model: string,
  inputs: readonly (string | InputSource)[],
  more: Partial<ExplainChoice> = {},
): Promise<SampleHost> {
  const session = new Session({ backend: 'cpu', nativePath: '', strict: true });
  const opened = await session.open(join(ROOT, model));
  const settings = readSidecar(opened.path);
  const labels = settings?.labels ?? [];
  const layers = explainableLayers(opened.graph);
  let choice: ExplainChoice = {
    modelPath: opened.path,
    inputs: inputs.map((input) =>
      typeof input === 'string' ? { kind: 'file', path: join(ROOT, input) } : input,
    ),
    preprocessing: settings?.preprocessing ?? opened.defaultPreprocessing,
    method: defaultMethod(layers.defaultLayer !== null),
    layer: 'auto',
    target: { index: 'auto' },
    colourMap: 'turbo',
    opacity: 0.5,
    ...more,
  };
  const run = <T>(work: (run: Run) => Promise<T>): Promise<Result<T>> =>
    toResult(() => session.run(opened.id, choice.inputs, choice.preprocessing, NO_CONTROL, work));
  const params = () => ({ ...choice, modelId: opened.id, labels, insist: true });
  const name = (source: InputSource) =>
    source.kind === 'random' ? `random, seed ${source.seed}` : (source.path.split('/').at(-1) ?? '');
  return {
    choice: () => choice,
    close: () => session.close(opened.id),
    host: {
      ready: () =>
        ok({ choice, summary: opened.graph.summary, layers, labels, inputNames: choice.inputs.map(name) }),
      change: (change) => {
        choice = changedChoice(choice, change);
        return choice;
      },
      explain: (_, compared) =>
        run(async (made) => {
          const target = compared ?? choice.target;
          return (await explainRun(made, { ...params(), target }, NO_CONTROL)).explanation;
        }),
      layerQuantities: (layer) => run((made) => drawnQuantities(made, { ...params(), layer }, NO_CONTROL)),
      failed: (error) => {
        throw new Error(error.message);
      },
      cancel: () => undefined,
      retry: () => undefined,
      showLog: () => undefined,
    },
  };
}
