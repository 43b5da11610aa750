import { basename, dirname, relative } from 'node:path';
import { type QuickPickItem, QuickPickItemKind, ThemeIcon, Uri, workspace } from 'vscode';
import { ARRAY_FILES, FASTA_FILES, IMAGE_FILES, TABLE_FILES, TEXT_FILES } from '../../shared/inputFiles';
import type { InputSource } from '../../shared/inputs';
import type { NamedTensor } from '../../shared/model';
import { fileExists } from '../models/models';
import { workspaceFiles } from '../models/workspaceFiles';
import { shapeText } from '../shapeText';
import { chooseFile, pick, typed } from '../ui';
import { inputName } from './inputName';
import { npzMembers } from './npzMembers';

interface InputItem extends QuickPickItem {
  readonly source?: InputSource;
  readonly action?: 'browse' | 'random';
}

/** What is offered for an input. Everything else, JSON for one, can be browsed for. */
interface Offer {
  readonly extensions: readonly string[];
  /** With its article. */
  readonly what: string;
  readonly isText: boolean;
}

function offerFor({ shape, dtype }: NamedTensor): Offer {
  if (dtype === 'string') {
    return { extensions: [...TEXT_FILES, ...FASTA_FILES], what: 'a text file', isText: true };
  }
  const rank = shape?.length;
  if (rank === 2) {
    return { extensions: [...TABLE_FILES, ...FASTA_FILES, ...TEXT_FILES], what: 'a table', isText: false };
  }
  if (rank === 3) {
    const extensions = [...IMAGE_FILES, ...FASTA_FILES, ...TABLE_FILES];
    return { extensions, what: 'an image, a FASTA file, a table', isText: false };
  }
  return { extensions: IMAGE_FILES, what: 'an image', isText: false };
}

const RANDOM: InputItem = {
  label: 'Random…',
  iconPath: new ThemeIcon('symbol-numeric'),
  description: 'random values from a seed',
  alwaysShow: true,
  action: 'random',
};

/**
 * Asks for the source of each input of a model, one after another: used recently, found in the workspace (nearest to the
 * model first), browsed for, or random with a seed. An `.npz` that names all inputs provides all of them.
 *
 * @param why shown in place of the usual hint, e.g. that the last input no longer exists
 * @returns one source for each of `inputs`, or `undefined` when the user cancelled any step
 */
export async function pickInputs(
  modelPath: string,
  inputs: readonly NamedTensor[],
  recent: readonly InputSource[],
  why?: string,
): Promise<readonly InputSource[] | undefined> {
  const chosen: InputSource[] = [];
  for (const [step, input] of inputs.entries()) {
    const title =
      inputs.length === 1
        ? `Input for ${basename(modelPath)}`
        : `Input "${input.name}" for ${basename(modelPath)} (${step + 1} of ${inputs.length})`;
    const offer = offerFor(input);
    const hint = why ?? `Select ${offer.what} or an array for shape ${shapeText(input.shape)}`;
    const source = await pickOne(modelPath, title, hint, recent, offer);
    if (source === undefined) return undefined;
    if (source.kind === 'random' || source.member !== undefined || !isNpz(source.path)) {
      chosen.push(source);
      continue;
    }
    const members = await npzMembers(source.path);
    if (step === 0 && inputs.length > 1 && inputs.every(({ name }) => members.includes(name))) {
      return inputs.map(({ name }) => ({ ...source, member: name }));
    }
    const member = await pickMember(title, members, input.name);
    if (member === undefined) return undefined;
    chosen.push(member === '' ? source : { ...source, member });
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
  modelPath: string,
  title: string,
  placeHolder: string,
  recent: readonly InputSource[],
  offer: Offer,
): Promise<InputSource | undefined> {
  const item = await pick(inputItems(modelPath, recent, offer), {
    title,
    placeHolder,
    matchOnDescription: true,
  });
  if (item?.action === 'random') return pickSeed(title);
  if (item?.action === 'browse') return browse(modelPath, title, offer);
  return item?.source;
}

async function inputItems(
  modelPath: string,
  recent: readonly InputSource[],
  offer: Offer,
): Promise<InputItem[]> {
  const found = await workspaceFiles([...offer.extensions, ...ARRAY_FILES]);
  const near = dirname(modelPath);
  const files = found
    .map((uri) => uri.fsPath)
    .sort((a, b) => distance(near, a) - distance(near, b) || a.localeCompare(b));
  const known = await existing(recent);
  const knownPaths = new Set(known.map((source) => (source.kind === 'file' ? source.path : '')));
  const others = files.filter((path) => !knownPaths.has(path));
  return [
    ...section('recent', known),
    ...section(
      'in the workspace',
      others.map((path) => ({ kind: 'file', path })),
    ),
    { label: '', kind: QuickPickItemKind.Separator },
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

function section(title: string, sources: readonly InputSource[]): InputItem[] {
  if (sources.length === 0) return [];
  return [
    { label: title, kind: QuickPickItemKind.Separator },
    ...sources.map((source) => ({
      label: inputName(source),
      description: source.kind === 'file' ? workspace.asRelativePath(dirname(source.path)) : '',
      source,
    })),
  ];
}

async function existing(sources: readonly InputSource[]): Promise<InputSource[]> {
  const exists = await Promise.all(
    sources.map((source) => (source.kind === 'random' ? true : fileExists(source.path))),
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
