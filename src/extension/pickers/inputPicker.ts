import { basename, dirname, relative } from 'node:path';
import { type QuickPickItem, QuickPickItemKind, ThemeIcon, Uri, workspace } from 'vscode';
import type { InputSource } from '../../shared/inputs';
import type { NamedTensor } from '../../shared/model';
import type { OpenedModel } from '../../shared/protocol';
import {
  ARRAY_FILES,
  FASTA_FILES,
  IMAGE_FILES,
  TABLE_FILES,
  TEXT_FILES,
} from '../../shared/sources/inputFiles';
import { SAVE_TEXT, type TypedKind, tooLongText, typedKind } from '../../shared/sources/typedInput';
import type { App } from '../app';
import { fileExists } from '../models/models';
import { workspaceFiles } from '../models/workspaceFiles';
import { shapeText } from '../shapeText';
import { chooseFile, pick, typed } from '../ui';
import { inputName } from './inputName';
import { npzMembers } from './npzMembers';
import { pickPart } from './partPicker';

type InputApp = Pick<App, 'client' | 'settings' | 'dropped'>;

interface InputItem extends QuickPickItem {
  readonly source?: InputSource;
  readonly action?: 'browse' | 'random' | 'type';
}

/** What is offered for an input. Everything else, JSON for one, can be browsed for. */
interface Offer {
  readonly extensions: readonly string[];
  /** With its article. */
  readonly what: string;
  readonly isText: boolean;
  /** What can be typed instead. */
  readonly typed: TypedKind | null;
}

function offerFor({ shape, dtype }: NamedTensor, typed: TypedKind | null): Offer {
  if (dtype === 'string') {
    return { extensions: [...TEXT_FILES, ...FASTA_FILES], what: 'a text file', isText: true, typed };
  }
  const rank = shape?.length;
  if (rank === 2) {
    const extensions = [...TABLE_FILES, ...FASTA_FILES, ...TEXT_FILES];
    return { extensions, what: 'a table', isText: false, typed };
  }
  if (rank === 3) {
    const extensions = [...IMAGE_FILES, ...FASTA_FILES, ...TABLE_FILES];
    return { extensions, what: 'an image, a FASTA file, a table', isText: false, typed };
  }
  return { extensions: IMAGE_FILES, what: 'an image', isText: false, typed };
}

const TYPED: Readonly<Record<TypedKind, { readonly label: string; readonly prompt: string }>> = {
  text: { label: 'Type a Text…', prompt: 'The text that the model reads.' },
  letters: {
    label: 'Type a Sequence…',
    prompt: 'The letters of the sequence, in the alphabet of the model.',
  },
  numbers: { label: 'Type Numbers…', prompt: 'The token ids, separated by spaces or commas.' },
};

const RANDOM: InputItem = {
  label: 'Random…',
  iconPath: new ThemeIcon('symbol-numeric'),
  description: 'random values from a seed',
  alwaysShow: true,
  action: 'random',
};

/**
 * Asks for the source of each input of a model, one after another: used recently, found in the workspace (nearest to the
 * model first), browsed for, typed, or random with a seed; then which part of a file that holds several. An `.npz` that names all inputs provides
 * all of them, with one sample.
 *
 * @param why shown in place of the usual hint, e.g. that the last input no longer exists
 * @returns one source for each input, or `undefined` when the user cancelled any step
 */
export async function pickInputs(
  app: InputApp,
  model: OpenedModel,
  why?: string,
): Promise<readonly InputSource[] | undefined> {
  const { path: modelPath, summary } = model;
  const { inputs, layers } = summary;
  const { alphabet } = await app.settings.of(model);
  const chosen: InputSource[] = [];
  for (const [step, input] of inputs.entries()) {
    const title =
      inputs.length === 1
        ? `Input for ${basename(modelPath)}`
        : `Input "${input.name}" for ${basename(modelPath)} (${step + 1} of ${inputs.length})`;
    const offer = offerFor(input, typedKind(input, layers, alphabet));
    const hint = why ?? `Select ${offer.what} or an array for shape ${shapeText(input.shape)}`;
    const source = await pickOne(app, modelPath, title, hint, offer);
    if (source === undefined) return undefined;
    if (source.kind !== 'file') {
      chosen.push(source);
      continue;
    }
    const members = isNpz(source.path) && source.member === undefined ? await npzMembers(source.path) : [];
    const isAll = step === 0 && inputs.length > 1 && inputs.every(({ name }) => members.includes(name));
    const member = isAll ? input.name : await pickMember(title, members, input.name);
    if (member === undefined) return undefined;
    const file = member === '' ? source : { ...source, member };
    const part = await pickPart(app, model, step, title, file);
    if (part === undefined) return undefined;
    if (isAll) return inputs.map(({ name }) => ({ ...part, member: name }));
    chosen.push(part);
  }
  return chosen;
}

/** The array of an `.npz` for an input; empty where there is nothing to choose. */
async function pickMember(
  title: string,
  members: readonly string[],
  inputName: string,
): Promise<string | undefined> {
  if (members.length <= 1) return '';
  if (members.includes(inputName)) return inputName;
  const items = members.map((member) => ({ label: member, member }));
  return (await pick(items, { title, placeHolder: 'Select an array of the file' }))?.member;
}

function isNpz(path: string): boolean {
  return path.toLowerCase().endsWith('.npz');
}

async function pickOne(
  app: InputApp,
  modelPath: string,
  title: string,
  placeHolder: string,
  offer: Offer,
): Promise<InputSource | undefined> {
  const item = await pick(inputItems(app, modelPath, offer), {
    title,
    placeHolder,
    matchOnDescription: true,
  });
  if (item?.action === 'random') return pickSeed(title);
  if (item?.action === 'type' && offer.typed !== null) return typeText(title, offer.typed);
  if (item?.action === 'browse') return browse(modelPath, title, offer);
  return item?.source;
}

async function inputItems(
  { settings, dropped }: InputApp,
  modelPath: string,
  offer: Offer,
): Promise<InputItem[]> {
  const found = await workspaceFiles([...offer.extensions, ...ARRAY_FILES]);
  const near = dirname(modelPath);
  const files = found
    .map((uri) => uri.fsPath)
    .sort((a, b) => distance(near, a) - distance(near, b) || a.localeCompare(b));
  const known = await existing(settings.recentInputs().filter((source) => isOffered(source, offer)));
  const knownPaths = new Set(known.map((source) => (source.kind === 'file' ? source.path : '')));
  const folderOf = (path: string) =>
    dropped.isKept(path) ? 'dropped on a page' : workspace.asRelativePath(dirname(path));
  const others = files.filter((path) => !knownPaths.has(path));
  return [
    ...section('recent', known, folderOf),
    ...section(
      'in the workspace',
      others.map((path) => ({ kind: 'file', path })),
      folderOf,
    ),
    { label: '', kind: QuickPickItemKind.Separator },
    ...typeItem(offer),
    {
      label: 'Browse…',
      iconPath: new ThemeIcon('folder-opened'),
      description: `${offer.what} or an array`,
      alwaysShow: true,
      action: 'browse',
    },
    ...(offer.isText ? [] : [RANDOM]),
  ];
}

function typeItem({ typed: kind }: Offer): InputItem[] {
  if (kind === null) return [];
  const iconPath = new ThemeIcon('edit');
  return [{ label: TYPED[kind].label, iconPath, alwaysShow: true, action: 'type' }];
}

/** Whether an input that was used with any model can be one of this model. */
function isOffered(source: InputSource, { typed: kind, isText }: Offer): boolean {
  return source.kind === 'file' || (source.kind === 'text' ? kind !== null : !isText);
}

function section(
  title: string,
  sources: readonly InputSource[],
  folderOf: (path: string) => string,
): InputItem[] {
  if (sources.length === 0) return [];
  return [
    { label: title, kind: QuickPickItemKind.Separator },
    ...sources.map((source) => ({
      label: inputName(source),
      description: source.kind === 'file' ? folderOf(source.path) : '',
      source,
    })),
  ];
}

async function existing(sources: readonly InputSource[]): Promise<InputSource[]> {
  const exists = await Promise.all(
    sources.map((source) => (source.kind === 'file' ? fileExists(source.path) : true)),
  );
  return sources.filter((_, i) => exists[i]);
}

/** Number of path segments between a folder and a file: files beside the model come first. */
function distance(from: string, path: string): number {
  return relative(from, path).split(/[\\/]/).length;
}

async function pickSeed(title: string): Promise<InputSource | undefined> {
  const text = await typed({
    title,
    prompt: 'Seed of the random values. The same seed always gives the same input.',
    value: '1',
    validateInput: (value) =>
      /^\d{1,9}$/.test(value.trim()) ? undefined : 'Enter a whole number from 0 to 999999999.',
  });
  return text === undefined ? undefined : { kind: 'random', seed: Number(text.trim()) };
}

async function typeText(title: string, kind: TypedKind): Promise<InputSource | undefined> {
  const text = await typed({
    title,
    prompt: TYPED[kind].prompt,
    validateInput: (value) => {
      const tooLong = tooLongText(value);
      return tooLong === null ? undefined : `${tooLong} ${SAVE_TEXT}`;
    },
  });
  return text === undefined ? undefined : { kind: 'text', text };
}

async function browse(modelPath: string, title: string, offer: Offer): Promise<InputSource | undefined> {
  const chosen = await chooseFile({
    title,
    openLabel: 'Use as Input',
    defaultUri: Uri.file(dirname(modelPath)),
    filters: { Inputs: [...offer.extensions, 'json', ...ARRAY_FILES], 'All Files': ['*'] },
  });
  const uri = chosen?.[0];
  return uri === undefined ? undefined : { kind: 'file', path: uri.fsPath };
}
