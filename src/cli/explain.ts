import { Command, InvalidArgumentError, Option } from 'commander';
import { explainRun } from '../server/answers/explanation';
import { exportSet } from '../server/answers/exportSet';
import { mapFilePath, renderHeatMap } from '../server/answers/heatMapFiles';
import { trustRun } from '../server/answers/trust';
import { defaultLayer } from '../server/explain/layerChoice';
import { nearOne } from '../server/explain/sentence';
import { writeAllOrNone } from '../server/io/writeFile';
import { NO_CONTROL } from '../server/run/control';
import type { Session } from '../server/session/session';
import type { ExplanationHeader } from '../shared/explanation';
import { DEFAULT_COLOUR_MAP } from '../shared/maps/colourMaps';
import {
  DISPLAY_RULES,
  type DisplayRule,
  defaultMethod,
  METHOD_IDS,
  type MethodId,
  type OptionValues,
} from '../shared/methods';
import { nonFiniteText } from '../shared/numberText';
import type { ExportFormat } from '../shared/protocol';
import type { ExportedSet } from '../shared/results/exportSet';
import { visible } from '../shared/text';
import { addRunOptions, type ModelRunOptions, runModel } from './modelRun';
import { editOption, fileEndingIn, inputOption, modelArgument, textOption } from './options';
import { printJson, printLines } from './output';
import type { OpenSession } from './session';
import { type TargetOptions, targetChoice, targetOptions } from './target';
import { trustLines } from './trustText';

interface ExplainOptions extends ModelRunOptions, TargetOptions {
  readonly method?: MethodId;
  readonly layer: readonly string[];
  readonly option: OptionValues;
  readonly display?: DisplayRule;
  readonly out?: string;
  readonly raw?: string;
  readonly opacity: number;
  readonly trust?: boolean;
  readonly export?: string;
  readonly overwrite?: boolean;
}

const DEFAULT_OPACITY = 0.5;

export function explainCommand(openSession: OpenSession): Command {
  const command = new Command('explain')
    .description('Explain a prediction: which parts of the input are evidence for a class.')
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(textOption())
    .addOption(editOption())
    .addOption(
      new Option(
        '--method <method>',
        `default: ${defaultMethod(true)}, or ${defaultMethod(false)} for a model without a layer that has a spatial or temporal extent`,
      ).choices(METHOD_IDS),
    )
    .addOption(
      new Option(
        '--option <name=value>',
        'an option of the method ("layerglass methods" lists them); repeat for more options',
      )
        .argParser(methodOption)
        .default({}, 'the method’s own'),
    )
    .addOption(
      new Option(
        '--layer <path>',
        'the layer to explain at, or auto for the default layer; repeat to fuse the maps of several',
      )
        .argParser((value: string, before: readonly string[]) => [...before, value])
        .default([], 'auto'),
    );
  for (const option of targetOptions()) command.addOption(option);
  command
    .addOption(
      new Option(
        '--display <rule>',
        'what the heat map shows of the raw map: evidence for the target, also against it, or its size; default: as the method states',
      ).choices(DISPLAY_RULES),
    )
    .option(
      '--out <file.png>',
      'write the heat map over the input (.svg works too)',
      fileEndingIn('.png', '.svg'),
    )
    .option(
      '--raw <file.npy>',
      'write the raw map: signed, with channels, unnormalised; <file>.0.npy, <file>.1.npy, ... for several inputs',
    )
    .option(
      '--export <folder>',
      'write everything about the explanation into a folder: the input, the heat map, the output and the gradient of the layer, channel weights, CAM, the gradients at the input (PNG and .npy), and an index',
    )
    .option('--overwrite', 'replace the files of an earlier --export')
    .addOption(
      new Option('--opacity <share>', 'opacity of the heat map over the input, from 0 to 1')
        .argParser(share)
        .default(DEFAULT_OPACITY),
    )
    .option('--trust', 'examine how far the map can be trusted, against random maps, classes and weights');
  return addRunOptions(command).action((model: string, options: ExplainOptions) =>
    explain(openSession(options), model, options),
  );
}

export function methodOption(text: string, before: OptionValues): OptionValues {
  const [, name, value] = /^([\w-]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('Give it as name=value, such as samples=50.');
  return { ...before, [name]: value };
}

function share(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && number <= 1))
    throw new InvalidArgumentError('Give a number from 0 to 1.');
  return number;
}

async function explain(session: Session, model: string, options: ExplainOptions): Promise<void> {
  const start = performance.now();
  const [layer = 'auto', ...fusedLayers] = options.layer;
  await runModel(session, model, options, async (run, { opened, preprocessing, labels, notices }) => {
    const method = options.method ?? defaultMethod(defaultLayer(opened.graph, 0) !== null);
    const params = {
      modelId: opened.id,
      inputs: options.input,
      preprocessing,
      method,
      options: options.option,
      layer,
      fusedLayers,
      target: targetChoice(options, labels),
      labels,
      insist: options.costly ?? false,
      ...(options.display && { display: options.display }),
    };
    const explained = await explainRun(run, params, NO_CONTROL);
    const trust = options.trust ? await trustRun(run, params, NO_CONTROL, explained.found) : null;
    const style = { colourMap: DEFAULT_COLOUR_MAP, opacity: options.opacity };
    const written: string[] = [];
    const { header, maps } = explained;
    writeAllOrNone((add) => {
      const addMaps = (path: string, format: ExportFormat): void => {
        for (const index of maps.keys()) {
          const file = mapFilePath(path, index, maps.length);
          add(file, renderHeatMap(explained, format, style, index));
          written.push(file);
        }
      };
      if (options.out !== undefined)
        addMaps(options.out, /\.svg$/i.test(options.out) ? 'svg' : 'overlay.png');
      if (options.raw !== undefined) addMaps(options.raw, 'npy');
    });
    const set =
      options.export === undefined
        ? null
        : await exportSet(
            run,
            { ...params, ...style, folder: options.export, overwrite: options.overwrite ?? false },
            NO_CONTROL,
            explained,
          );
    const shown = { ...header, notices: [...header.notices, ...notices] };
    const timings = { ...header.timings, total: performance.now() - start };
    if (options.json) printJson({ ...shown, timings, ...(trust && { trust }), ...(set && { export: set }) });
    else
      printLines([
        ...lines({ ...shown, timings }, [...written, ...(set?.files ?? [])]),
        ...(set ? setLines(set) : []),
        ...(trust ? trustLines(trust) : []),
      ]);
  });
}

const setLines = ({ missing, relation }: ExportedSet): string[] => [
  ...(relation === null ? [] : [visible(relation)]),
  ...missing.map(({ name, why }) => visible(`Not exported: ${name}. ${why}`)),
];

function lines(header: ExplanationHeader, files: readonly string[]): string[] {
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
    ...files.map((file) => `wrote ${file}`),
  ];
}
