import { Command, Option } from 'commander';
import { mapFilePath } from '../server/answers/heatMapFiles';
import { whatWouldChange } from '../server/answers/whatWouldChange';
import { writeAllOrNone } from '../server/io/writeFile';
import { encodePng } from '../server/render/png';
import { NO_CONTROL } from '../server/run/control';
import type { Session } from '../server/session/session';
import { fail } from '../shared/errors';
import type { OptionValues } from '../shared/methods';
import type { RemovedPart, WhatWouldChange } from '../shared/results/whatIf';
import { visible } from '../shared/text';
import { methodOption } from './explain';
import { addRunOptions, type ModelRunOptions, runModel } from './modelRun';
import { fileEndingIn, inputOption, modelArgument, textOption } from './options';
import { printJson, printLines } from './output';
import { predictionLine } from './predictionLine';
import type { OpenSession } from './session';
import { type TargetOptions, targetChoice, targetOptions } from './target';

interface ChangeOptions extends ModelRunOptions, TargetOptions {
  readonly option: OptionValues;
  readonly out?: string;
}

/** The parts of a target that a prediction has. */
const PARTS: ReadonlySet<string> = new Set(['target', 'versus', 'negative', 'output', 'step']);
const MAX_PREDICTIONS = 3;
/** Positions named one by one; of more, their number is enough. */
const MAX_POSITIONS = 20;

export function changeCommand(openSession: OpenSession): Command {
  const command = new Command('change')
    .description(
      'What would change the prediction: the smallest set of superpixels, tokens or columns found whose removal does.',
    )
    .addArgument(modelArgument())
    .addOption(inputOption())
    .addOption(textOption());
  for (const option of targetOptions()) if (PARTS.has(option.attributeName())) command.addOption(option);
  command
    .addOption(
      new Option(
        '--option <name=value>',
        'groups, segments or baseline, as of feature-ablation ("layerglass methods" lists them)',
      )
        .argParser(methodOption)
        .default({}, 'auto, 50, zero'),
    )
    .option(
      '--out <mask.png>',
      'write what is removed of an image: white where the baseline stands',
      fileEndingIn('.png'),
    );
  return addRunOptions(command).action((model: string, options: ChangeOptions) =>
    change(openSession(options), model, options),
  );
}

async function change(session: Session, model: string, options: ChangeOptions): Promise<void> {
  await runModel(session, model, options, async (run, { labels }) => {
    const question = {
      target: targetChoice(options, labels),
      labels,
      options: options.option,
      insist: options.costly ?? false,
    };
    const answer = await whatWouldChange(run, question, NO_CONTROL);
    const files = options.out === undefined ? [] : writeMasks(options.out, answer);
    if (options.json) printJson(answer);
    else printLines([...lines(answer), ...files.map((file) => `wrote ${file}`)]);
  });
}

/** @returns the files, one for each input of which something is removed */
function writeMasks(path: string, { removed }: WhatWouldChange): string[] {
  const images = removed.filter(({ mask }) => mask.shape.length === 2);
  if (images.length === 0) {
    return fail('not-applicable', 'Nothing is removed of an image, so there is no mask to write.', {
      subject: path,
      remedy: 'Leave --out out: the positions are printed, and --json has the masks of every input.',
    });
  }
  const written: string[] = [];
  writeAllOrNone((add) => {
    for (const [i, { mask }] of images.entries()) {
      const [height = 1, width = 1] = mask.shape;
      const file = mapFilePath(path, i, images.length);
      const rgb = Uint8Array.from({ length: height * width * 3 }, (_, byte) =>
        maskOf(images[i])[Math.floor(byte / 3)] === 1 ? 255 : 0,
      );
      add(file, encodePng(rgb, width, height));
      written.push(file);
    }
  });
  return written;
}

const maskOf = (part: RemovedPart | undefined): Uint8Array =>
  new Uint8Array(Buffer.from(part?.mask.data ?? '', 'base64'));

function lines({
  sentence,
  notices,
  before,
  after,
  removed,
  passes,
  isVerified,
  backend,
}: WhatWouldChange): string[] {
  return [
    visible(sentence),
    ...notices.map((notice) => visible(`Note: ${notice}`)),
    'before:',
    ...before.slice(0, MAX_PREDICTIONS).map(predictionLine),
    'after:',
    ...after.slice(0, MAX_PREDICTIONS).map(predictionLine),
    ...removed.map((part) => visible(`removed of "${part.input}": ${removedText(part)}`)),
    `${backend}, ${passes} passes${isVerified ? ', verified by the last one' : ''}`,
  ];
}

function removedText(part: RemovedPart): string {
  const { names, removedGroups, groups, mask } = part;
  const share = `${removedGroups} of ${groups} groups`;
  if (names !== null) return `${share}: ${names.join(', ')}`;
  const removed = Array.from(maskOf(part), (value, i) => (value === 1 ? [i] : [])).flat();
  if (mask.shape.length === 1 && removed.length <= MAX_POSITIONS)
    return `${share}: position${removed.length === 1 ? '' : 's'} ${removed.join(', ')}`;
  const all = mask.shape.reduce((a, b) => a * b, 1);
  return `${share}, ${removed.length} of ${all} positions`;
}
