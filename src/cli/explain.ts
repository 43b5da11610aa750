import { Command, InvalidArgumentError, Option } from 'commander';
import { explainRun } from '../server/answers/explanation';
import { renderHeatMap } from '../server/answers/heatMapFiles';
import { readSidecar } from '../server/answers/sidecar';
import { defaultLayer } from '../server/explain/layerChoice';
import { nearOne } from '../server/explain/sentence';
import { writeAllOrNone } from '../server/io/writeFile';
import { NO_CONTROL } from '../server/run/control';
import type { Session } from '../server/session/session';
import { DEFAULT_COLOUR_MAP } from '../shared/colourMaps';
import type { ExplanationHeader } from '../shared/explanation';
import type { InputSource, Preprocessing } from '../shared/inputs';
import { defaultMethod, METHOD_IDS, type MethodId } from '../shared/methods';
import { nonFiniteText } from '../shared/numberText';
import { visible } from '../shared/text';
import {
  backendOption,
  costlyOption,
  customLayersOption,
  inputOption,
  jsonOption,
  modelArgument,
  preprocessOption,
} from './options';
import { printJson, printLines } from './output';
import type { ComputeOptions, OpenSession } from './session';

interface ExplainOptions extends ComputeOptions {
  readonly input: readonly InputSource[];
  readonly method?: MethodId;
  readonly layer: string;
  readonly target: number | 'auto';
  readonly negative?: boolean;
  readonly score: 'logit' | 'probability';
  readonly out?: string;
  readonly raw?: string;
  readonly opacity: number;
  readonly preprocess?: Preprocessing;
  readonly costly?: boolean;
  readonly json?: boolean;
}

const DEFAULT_OPACITY = 0.5;

export function explainCommand(openSession: OpenSession): Command {
  return new Command('explain')
    .description('Explain a prediction: which parts of the input are evidence for a class.')
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(
      new Option(
        '--method <method>',
        `default: ${defaultMethod(true)}, or ${defaultMethod(false)} for a model without a layer that has a spatial or temporal extent`,
      ).choices(METHOD_IDS),
    )
    .addOption(
      new Option('--layer <path>', 'the layer to explain at, or auto for the default layer').default('auto'),
    )
    .addOption(
      new Option('--target <index>', 'the class, or auto for the predicted one')
        .argParser(target)
        .default('auto'),
    )
    .option('--negative', 'explain the evidence against the class; for a single sigmoid: class 0')
    .addOption(
      new Option('--score <score>', 'the value to explain: before the output’s activation, or after it')
        .choices(['logit', 'probability'])
        .default('logit'),
    )
    .option('--out <file.png>', 'write the heat map over the input (.svg works too)')
    .option('--raw <file.npy>', 'write the raw map: unnormalised, at layer resolution')
    .addOption(
      new Option('--opacity <share>', 'opacity of the heat map over the input, from 0 to 1')
        .argParser(share)
        .default(DEFAULT_OPACITY),
    )
    .addOption(preprocessOption())
    .addOption(backendOption())
    .addOption(customLayersOption())
    .addOption(costlyOption())
    .addOption(jsonOption())
    .action((model: string, options: ExplainOptions) => explain(openSession(options), model, options));
}

function target(value: string): number | 'auto' {
  if (value === 'auto') return 'auto';
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Give a class index or auto.');
  return Number(value);
}

function share(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && number <= 1))
    throw new InvalidArgumentError('Give a number from 0 to 1.');
  return number;
}

async function explain(session: Session, model: string, options: ExplainOptions): Promise<void> {
  const start = performance.now();
  const opened = await session.open(model);
  const settings = readSidecar(opened.path);
  const preprocessing = options.preprocess ?? settings?.preprocessing ?? opened.defaultPreprocessing;
  const method = options.method ?? defaultMethod(defaultLayer(opened.graph, 0) !== null);
  await session.run(
    opened.id,
    options.input,
    preprocessing,
    NO_CONTROL,
    async (run) => {
      const explained = await explainRun(
        run,
        {
          modelId: opened.id,
          inputs: options.input,
          preprocessing,
          method,
          layer: options.layer,
          target: { index: options.target, negative: options.negative ?? false, score: options.score },
          labels: settings?.labels ?? [],
        },
        NO_CONTROL,
      );
      const drawing = { colourMap: DEFAULT_COLOUR_MAP, opacity: options.opacity };
      writeAllOrNone((add) => {
        if (options.out !== undefined) {
          const format = /\.svg$/i.test(options.out) ? 'svg' : 'overlay.png';
          add(options.out, renderHeatMap(explained, format, drawing));
        }
        if (options.raw !== undefined) add(options.raw, renderHeatMap(explained, 'npy', drawing));
      });
      const { header } = explained;
      const timings = { ...header.timings, total: performance.now() - start };
      if (options.json) printJson({ ...header, timings });
      else printLines(lines({ ...header, timings }, [options.out, options.raw]));
    },
    { preprocessArrays: options.preprocess !== undefined, insist: options.costly ?? false },
  );
}

function lines(header: ExplanationHeader, files: readonly (string | undefined)[]): string[] {
  const rows = header.predictions.map(({ index, label, logit, probability }) => {
    const value = nonFiniteText(logit) ?? logit.toPrecision(6);
    const values =
      probability === null
        ? `value ${value}`
        : `logit ${value}  p ${nearOne(probability, header.binary ? logit : null)}`;
    return `  ${String(index).padStart(5)}  ${visible(label ?? '').padEnd(20)}  ${values}`;
  });
  return [
    visible(header.sentence),
    ...header.notices.map((notice) => visible(`Note: ${notice}`)),
    ...rows,
    `${header.backend}, ${Math.round(header.timings.total)} ms`,
    ...files.flatMap((file) => (file === undefined ? [] : [`wrote ${file}`])),
  ];
}
