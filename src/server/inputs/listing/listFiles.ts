import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { toResult } from '../../../shared/errors';
import { type ListedInput, MAX_LISTED_INPUTS } from '../../../shared/results/gallery';
import { statOf } from '../../io/openFile';
import type { InputSpec } from '../loadedInput';
import { type FileParts, fileParts } from './fileParts';
import { listFolder } from './listFolder';
import { type Classes, trueClasses } from './trueClasses';

export interface ListRequest {
  /** Absolute paths of files and folders. */
  readonly paths: readonly string[];
  /** Of files that are looked for in folders, without dots. */
  readonly extensions: readonly string[];
  /** One per input of the model. */
  readonly specs: readonly InputSpec[];
  readonly classes: Classes;
  /** The folder of the model. */
  readonly modelFolder: string;
  /** Inputs that are listed; default: `MAX_LISTED_INPUTS`. */
  readonly limit?: number;
  /** Called between two files. @throws Failure `cancelled` */
  pause(done: number, of: number): Promise<void>;
}

export interface FoundInputs {
  readonly inputs: readonly ListedInput[];
  /** Those beyond the limit count one per file. */
  readonly found: number;
  readonly notices: readonly string[];
  /** Files that hold no input of the model, with the reason as a sentence. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}

/** Files between two pauses. */
const FILES_PER_PAUSE = 50;
/** Sentences of one kind; more would hide the others. */
const MAX_NOTICES = 5;

/** The inputs of a model in files and folders, in the order in which they are given; each file once. */
export async function listFiles(request: ListRequest): Promise<FoundInputs> {
  const { classes, specs, limit = MAX_LISTED_INPUTS } = request;
  const notices: string[] = [];
  const files = await filesOf(request, notices);
  const inputs: ListedInput[] = [];
  let found = 0;
  let unfit = 0;
  const leftOut: FoundInputs['leftOut'][number][] = [];
  for (const [i, { path, truth }] of files.entries()) {
    if (i % FILES_PER_PAUSE === 0) await request.pause(i, files.length);
    if (inputs.length >= limit) {
      found += files.length - i;
      break;
    }
    const read = await toResult(() => fileParts(path, specs));
    if (!read.ok) {
      notices.push(l10n.t('{0} is left out: {1}', basename(path), read.error.message));
      leftOut.push({ path, why: read.error.message });
      continue;
    }
    if (read.value.parts.length === 0) {
      unfit += 1;
      leftOut.push({ path, why: unfitText(specs) });
    }
    notices.push(...read.value.notices);
    for (const part of read.value.parts) {
      found += part.count;
      const labels = part.labels && trueClasses(part.labels, classes);
      if (labels?.notice) notices.push(labels.notice);
      take(part, inputs, limit, (at) => labels?.indices[at] ?? truth);
    }
  }
  const left = notices.length - MAX_NOTICES;
  return {
    inputs,
    found,
    leftOut,
    notices: [
      ...cutNotice(inputs.length, found),
      ...unfitNotice(unfit, specs),
      ...notices.slice(0, MAX_NOTICES),
      ...(left > 0 ? [l10n.t('There are {0} more such sentences.', left)] : []),
    ],
  };
}

function take(
  part: FileParts,
  inputs: ListedInput[],
  limit: number,
  truthAt: (at: number) => number | null,
): void {
  const count = Math.min(part.count, limit - inputs.length);
  for (let at = 0; at < count; at++)
    inputs.push({ sources: part.sourcesAt(at), name: part.nameAt(at), truth: truthAt(at) });
}

async function filesOf(
  { paths, extensions, classes, modelFolder, pause }: ListRequest,
  notices: string[],
): Promise<{ readonly path: string; readonly truth: number | null }[]> {
  const wanted = new Set(extensions);
  const files = new Map<string, number | null>();
  for (const path of paths) {
    await pause(0, 1);
    const stat = statOf(path);
    if (stat === null) notices.push(l10n.t('{0} no longer exists.', basename(path)));
    else if (!stat.isDirectory()) files.set(path, files.get(path) ?? null);
    else {
      const folder = await listFolder(path, wanted, classes, path === modelFolder);
      notices.push(...folder.notices);
      for (const { paths: found, truth } of folder.files)
        for (const one of found) files.set(one, files.get(one) ?? truth);
    }
  }
  return [...files].map(([path, truth]) => ({ path, truth }));
}

const cutNotice = (listed: number, found: number): string[] =>
  found > listed
    ? [
        l10n.t(
          'The first {0} of {1} inputs are listed; choose fewer files to see the others.',
          listed.toLocaleString('en-US'),
          found.toLocaleString('en-US'),
        ),
      ]
    : [];

const unfitText = (specs: readonly InputSpec[]): string =>
  specs.length > 1
    ? l10n.t(
        'The model takes {0} inputs, which come from an .npz file with an array for each of them, named as they are.',
        specs.length,
      )
    : l10n.t('Its arrays have another shape than the model takes.');

function unfitNotice(count: number, specs: readonly InputSpec[]): string[] {
  if (count === 0) return [];
  if (specs.length > 1) {
    return [
      count === 1
        ? l10n.t(
            'One file is left out: the model takes {0} inputs, which come from an .npz file with an array for each of them, named as they are.',
            specs.length,
          )
        : l10n.t(
            '{0} files are left out: the model takes {1} inputs, which come from an .npz file with an array for each of them, named as they are.',
            count,
            specs.length,
          ),
    ];
  }
  return [
    count === 1
      ? l10n.t('One file is left out: its arrays have another shape than the model takes.')
      : l10n.t('{0} files are left out: their arrays have another shape than the model takes.', count),
  ];
}
