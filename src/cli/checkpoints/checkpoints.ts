import { join } from 'node:path';
import { Command, Option } from 'commander';
import { type ComputedEpoch, computeEpoch } from '../../server/answers/checkpoints/epoch';
import { listCheckpoints } from '../../server/answers/checkpoints/listCheckpoints';
import { weightChanges } from '../../server/answers/checkpoints/weightChanges';
import { mapFilePath, renderHeatMap } from '../../server/answers/heatMapFiles';
import { writeAllOrNone } from '../../server/io/writeFile';
import { NO_CONTROL } from '../../server/run/control';
import type { OpenModel } from '../../server/session/openModels';
import type { Session } from '../../server/session/session';
import { referenceOf, wrongTurnOf } from '../../shared/checkpoints/wrongTurn';
import { Failure, type Result, toResult } from '../../shared/errors';
import { classIndex } from '../../shared/labels/classIndex';
import { DEFAULT_COLOUR_MAP } from '../../shared/maps/colourMaps';
import { METHOD_IDS, type MethodId } from '../../shared/methods';
import type { CheckpointFile, EpochReport, LayerChange } from '../../shared/results/checkpoints';
import { type ModelRun, type ModelRunOptions, runModel } from '../modelRun';
import {
  backendOption,
  costlyOption,
  customLayersOption,
  inputOption,
  jsonOption,
  preprocessOption,
  resizeOption,
  textOption,
  threadsOption,
} from '../options';
import { printJson, printLines } from '../output';
import { type OpenSession, openModel } from '../session';
import { outputOption, targetChoice } from '../target';
import { checkpointsJson, checkpointsLines, type Strip } from './checkpointsText';

interface CheckpointsOptions extends ModelRunOptions {
  readonly method?: MethodId;
  readonly layer: string;
  readonly target: string;
  readonly label?: string;
  readonly model?: string;
  readonly out?: string;
}

const OPACITY = 0.5;

export const checkpointsCommand = (openSession: OpenSession): Command =>
  new Command('checkpoints')
    .description(
      'The epochs of a training, one after the other, on one input: what each predicts, its heat map, the health of its layers, and the first wrong turn.',
    )
    .argument(
      '<folder>',
      'a folder with the epochs: .keras, .h5, .weights.h5, .weights.json or ckpt-N.index files whose names differ in a number, else in the order of their times',
    )
    .addOption(inputOption())
    .addOption(textOption())
    .addOption(
      new Option('--method <method>', 'of the heat map; default: as for "explain"').choices(METHOD_IDS),
    )
    .addOption(new Option('--layer <path>', 'the layer to explain at').default('auto'))
    .addOption(
      new Option(
        '--target <class>',
        'the class to explain, by index or name, or auto for the predicted one',
      ).default('auto'),
    )
    .addOption(
      new Option(
        '--label <class>',
        'the right class of the input, by index or name; default: the one that most epochs predict',
      ),
    )
    .addOption(outputOption())
    .addOption(
      new Option(
        '--model <file>',
        'for files of weights: the model whose weights they are; default: the one beside them',
      ),
    )
    .addOption(
      new Option('--out <folder>', 'write the heat map of each epoch over the input, as <file>.overlay.png'),
    )
    .addOption(preprocessOption())
    .addOption(resizeOption())
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(customLayersOption())
    .addOption(costlyOption())
    .addOption(jsonOption())
    .action((folder: string, options: CheckpointsOptions) =>
      checkpoints(openSession(options), folder, options),
    );

/** Models are opened and closed one after the other; an epoch that fails is told with its reason. */
async function checkpoints(session: Session, folder: string, options: CheckpointsOptions): Promise<void> {
  const list = listCheckpoints(folder);
  const reports: Result<EpochReport>[] = [];
  const written: string[] = [];
  let made: Pick<ModelRun, 'labels' | 'notices'> = { labels: [], notices: [] };
  let label: number | null = null;
  for (const file of list.files) {
    const result = await toResult(async () => {
      const before = list.files[reports.findLastIndex(({ ok }) => ok)];
      const { epoch, run } = await epochOf(session, file, before, options);
      label = options.label === undefined ? null : classIndex(options.label, run.labels);
      made = run;
      if (options.out !== undefined) written.push(...writeMaps(options.out, file, epoch));
      return epoch.report;
    });
    if (!result.ok && FOR_ALL.has(result.error.kind)) throw new Failure(result.error);
    reports.push(result);
  }
  const [first] = reports;
  // Nothing is left to compare: probably all have the same reason.
  if (first !== undefined && !first.ok && reports.every(({ ok }) => !ok)) throw new Failure(first.error);
  const known = reports.map((report) => (report.ok ? report.value : null));
  const reference = referenceOf(known, label);
  const strip: Strip = { list, reports, reference, wrongTurn: wrongTurnOf(known, reference), ...made };
  if (options.json) printJson(checkpointsJson(strip));
  else
    printLines([
      ...checkpointsLines(strip, options.target === 'auto' ? null : classIndex(options.target, made.labels)),
      ...written.map((path) => `wrote ${path}`),
    ]);
}

/** Failures that have nothing to do with one epoch. */
const FOR_ALL: ReadonlySet<string> = new Set(['backend', 'write-failed', 'no-such-target']);

async function epochOf(
  session: Session,
  file: CheckpointFile,
  before: CheckpointFile | undefined,
  options: CheckpointsOptions,
): Promise<{ readonly epoch: ComputedEpoch; readonly run: ModelRun }> {
  const { method, layer } = options;
  const { opened, asked } = openedAs(file, options);
  return runModel(session, opened, { ...asked, closesAtOnce: true }, async (run, made) => {
    const params = {
      modelId: made.opened.id,
      inputs: options.input,
      preprocessing: made.preprocessing,
      layer,
      ...(method && { method }),
      target: targetChoice(options, made.labels),
      labels: made.labels,
      insist: options.costly ?? false,
    };
    const { report, explained } = await computeEpoch(run, params, NO_CONTROL);
    if (before === undefined) return { epoch: { report, explained }, run: made };
    const changes = await changesSince(session, before, made.opened, options);
    return { epoch: { report: { ...report, changes }, explained }, run: made };
  });
}

/** A file of weights is opened as the model whose weights they are. */
const openedAs = ({ path }: CheckpointFile, options: CheckpointsOptions) =>
  options.model === undefined
    ? { opened: path, asked: options }
    : { opened: options.model, asked: { ...options, weights: path } };

async function changesSince(
  session: Session,
  before: CheckpointFile,
  now: OpenModel,
  options: CheckpointsOptions,
): Promise<readonly LayerChange[]> {
  const { opened, asked } = openedAs(before, options);
  const model = await openModel(session, opened, asked);
  try {
    return await weightChanges(model, now, NO_CONTROL);
  } finally {
    session.close(model.id, true);
  }
}

function writeMaps(folder: string, { name }: CheckpointFile, { explained }: ComputedEpoch): string[] {
  if (explained === null) return [];
  const style = { colourMap: DEFAULT_COLOUR_MAP, opacity: OPACITY };
  const files = explained.maps.map((_, index) =>
    mapFilePath(join(folder, `${name}.overlay.png`), index, explained.maps.length),
  );
  writeAllOrNone((add) => {
    for (const [index, file] of files.entries())
      add(file, renderHeatMap(explained, 'overlay.png', style, index));
  });
  return files;
}
