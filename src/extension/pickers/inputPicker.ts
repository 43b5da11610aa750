import { basename, dirname, relative } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type QuickPickItem, QuickPickItemKind, ThemeIcon, Uri, workspace } from 'vscode';
import type { InputSource } from '../../shared/inputs';
import type { OpenedModel } from '../../shared/protocol';
import * as protocol from '../../shared/protocol';
import { withoutExports } from '../../shared/sources/exportedFiles';
import { SAVE_TEXT, type TypedKind, tooLongText, typedKind } from '../../shared/sources/typedInput';
import type { App } from '../app';
import { fileExists } from '../models/models';
import { folderFiles, workspaceFiles } from '../models/workspaceFiles';
import { shapeText } from '../shapeText';
import { chooseFile, pick, typed } from '../ui';
import { inputName } from './inputName';
import { isOfferedFile, type Offer, offerFor } from './inputOffer';
import { npzMembers } from './npzMembers';
import { pickPart } from './partPicker';

type InputApp = Pick<App, 'client' | 'settings' | 'dropped'>;

interface InputItem extends QuickPickItem {
  readonly source?: InputSource;
  readonly action?: 'browse' | 'random' | 'type';
}

const TYPED: Readonly<Record<TypedKind, { readonly label: string; readonly prompt: string }>> = {
  text: { label: l10n.t('Type a Text…'), prompt: l10n.t('The text that the model reads.') },
  letters: {
    label: l10n.t('Type a Sequence…'),
    prompt: l10n.t('The letters of the sequence, in the alphabet of the model.'),
  },
  words: {
    label: l10n.t('Type Words…'),
    prompt: l10n.t('The words, separated by spaces, or their ids.'),
  },
  numbers: {
    label: l10n.t('Type Numbers…'),
    prompt: l10n.t('The token ids, separated by spaces or commas.'),
  },
};

const RANDOM: InputItem = {
  label: l10n.t('Random…'),
  iconPath: new ThemeIcon('symbol-numeric'),
  description: l10n.t('random values from a seed'),
  alwaysShow: true,
  action: 'random',
};

/** Files of the workspace that are listed. */
const MAX_FILES_SHOWN = 500;

/**
 * Asks for the source of each input of a model, one after another: the last one of this model, typed, browsed for, random with a seed, found
 * in the model's folder, used with other models, or found in the workspace (nearest to the model first); then which part of a file
 * that holds several. An `.npz` that names all inputs provides all of them, with one sample. Of a model with several inputs
 * that are all chosen, it first asks which one is to be another.
 *
 * @param current the inputs that are chosen now; none where all are to be chosen.
 * @param why shown in place of the usual hint, e.g. that the last input no longer exists
 * @returns one source for each input, or `undefined` when the user cancelled any step
 */
export async function pickInputs(
  app: InputApp,
  model: OpenedModel,
  { why, current = [] }: { readonly why?: string; readonly current?: readonly InputSource[] } = {},
): Promise<readonly InputSource[] | undefined> {
  const { path: modelPath, summary } = model;
  const { inputs, layers } = summary;
  const settings = await app.settings.of(model);
  const { lastInputs = [] } = settings;
  const last = lastInputs.length === inputs.length ? lastInputs : [];
  const only =
    current.length === inputs.length && inputs.length > 1 ? await pickWhich(model, current) : 'all';
  if (only === undefined) return undefined;
  const chosen: InputSource[] = [];
  for (const [step, input] of inputs.entries()) {
    const kept = current[step];
    if (only !== 'all' && step !== only && kept !== undefined) {
      chosen.push(kept);
      continue;
    }
    const title =
      inputs.length === 1
        ? l10n.t('Input for {0}', basename(modelPath))
        : l10n.t(
            'Input "{0}" for {1} ({2} of {3})',
            input.name,
            basename(modelPath),
            step + 1,
            inputs.length,
          );
    const offer = offerFor(input, typedKind(input, layers, settings));
    const hint = why ?? l10n.t('Select {0} for shape {1}', offer.what, shapeText(input.shape));
    const source = await pickOne(app, model, { step, title, hint, offer, last: last[step] });
    if (source === undefined) return undefined;
    if (source.kind !== 'file') {
      chosen.push(source);
      continue;
    }
    const members = isNpz(source.path) && source.member === undefined ? await npzMembers(source.path) : [];
    const isAll =
      only === 'all' && step === 0 && inputs.length > 1 && inputs.every(({ name }) => members.includes(name));
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
  return (await pick(items, { title, placeHolder: l10n.t('Select an array of the file') }))?.member;
}

function isNpz(path: string): boolean {
  return path.toLowerCase().endsWith('.npz');
}

/** Which input is to be another; all of them, or `undefined` when the user cancelled. */
async function pickWhich(
  { path, summary: { inputs } }: OpenedModel,
  current: readonly InputSource[],
): Promise<number | 'all' | undefined> {
  const items = [
    ...inputs.map(({ name, shape }, index) => {
      const source = current[index];
      const now = source === undefined ? '' : `, ${l10n.t('now {0}', inputName(source))}`;
      return { label: name, description: `${shapeText(shape)}${now}`, value: index };
    }),
    { label: l10n.t('All Inputs'), value: 'all' as const },
  ];
  const title = l10n.t('Inputs for {0}', basename(path));
  return (await pick(items, { title, placeHolder: l10n.t('Select the input to change') }))?.value;
}

/** One input that is asked for. */
interface Asked {
  readonly step: number;
  readonly title: string;
  readonly hint: string;
  readonly offer: Offer;
  /** The one that was used last with this model. */
  readonly last: InputSource | undefined;
}

async function pickOne(app: InputApp, model: OpenedModel, asked: Asked): Promise<InputSource | undefined> {
  const { title, offer } = asked;
  const modelPath = model.path;
  const item = await pick(inputItems(app, model, asked), {
    title,
    placeHolder: asked.hint,
    matchOnDescription: true,
  });
  if (item?.action === 'random') return pickSeed(title);
  if (item?.action === 'type' && offer.typed !== null) return typeText(title, offer.typed);
  if (item?.action === 'browse') return browse(modelPath, title, offer);
  return item?.source;
}

async function inputItems(
  { settings, dropped, client }: InputApp,
  { modelId, path: modelPath }: OpenedModel,
  { step, offer, last }: Asked,
): Promise<InputItem[]> {
  const near = dirname(modelPath);
  const beside = folderFiles(near, offer.extensions);
  const below = (await workspaceFiles(offer.extensions)).map((uri) => uri.fsPath);
  const found = withoutExports([...new Set([...(await beside), ...below])])
    .sort((a, b) => distance(near, a) - distance(near, b) || a.localeCompare(b))
    .slice(0, MAX_FILES_SHOWN);
  const lastKey = JSON.stringify(last);
  const used = settings
    .recentInputs()
    .filter((one) => isOffered(one, offer) && JSON.stringify(one) !== lastKey);
  const recent = await existing(used);
  const unfit = await unfitArrays(client, { modelId, input: step }, [...found, ...recent.flatMap(pathOf)]);
  const known = recent.filter((one) => pathOf(one).every((path) => !unfit.has(path)));
  const knownPaths = new Set([...(last === undefined ? [] : [last]), ...known].flatMap(pathOf));
  const others = found.filter((path) => !unfit.has(path) && !knownPaths.has(path));
  const folderOf = (path: string) =>
    dropped.isKept(path) ? l10n.t('dropped on a page') : workspace.asRelativePath(dirname(path));
  const files = (title: string, wanted: readonly string[]) =>
    section(
      title,
      wanted.map((path) => ({ kind: 'file', path })),
      folderOf,
    );
  return [
    ...section(
      l10n.t('last used with this model'),
      last === undefined ? [] : await existing([last]),
      folderOf,
    ),
    { label: '', kind: QuickPickItemKind.Separator },
    ...typeItem(offer),
    {
      label: l10n.t('Browse…'),
      iconPath: new ThemeIcon('folder-opened'),
      description: offer.what,
      alwaysShow: true,
      action: 'browse',
    },
    ...(offer.isText ? [] : [RANDOM]),
    ...files(
      l10n.t("in the model's folder"),
      others.filter((path) => isBelow(near, path)),
    ),
    ...section(l10n.t('recent'), known, folderOf),
    ...files(
      l10n.t('in the workspace'),
      others.filter((path) => !isBelow(near, path)),
    ),
  ];
}

/** The arrays of another shape: what is wrong with any other file is said when it is used. */
async function unfitArrays(
  client: InputApp['client'],
  input: Pick<protocol.FittingInputsParams, 'modelId' | 'input'>,
  candidates: readonly string[],
): Promise<ReadonlySet<string>> {
  const paths = [...new Set(candidates)].filter((path) => path.toLowerCase().endsWith('.npy'));
  if (paths.length === 0) return new Set();
  const answer = await client.ask(protocol.fittingInputs, { ...input, paths });
  return new Set(answer.ok ? paths.filter((_, i) => answer.value[i] === false) : []);
}

const pathOf = (source: InputSource): string[] => (source.kind === 'file' ? [source.path] : []);

const isBelow = (folder: string, path: string): boolean => !relative(folder, path).startsWith('..');

function typeItem({ typed: kind }: Offer): InputItem[] {
  if (kind === null) return [];
  const iconPath = new ThemeIcon('edit');
  return [{ label: TYPED[kind].label, iconPath, alwaysShow: true, action: 'type' }];
}

/** Whether an input that was used with another model can be one of this model. */
function isOffered(source: InputSource, offer: Offer): boolean {
  if (source.kind === 'file') return isOfferedFile(source.path, offer);
  return source.kind === 'text' ? offer.typed !== null : !offer.isText;
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
    prompt: l10n.t('Seed of the random values. The same seed always gives the same input.'),
    value: '1',
    validateInput: (value) =>
      /^\d{1,9}$/.test(value.trim()) ? undefined : l10n.t('Enter a whole number from 0 to 999999999.'),
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
    openLabel: l10n.t('Use as Input'),
    defaultUri: Uri.file(dirname(modelPath)),
    filters: { [l10n.t('Inputs')]: [...offer.extensions, 'json'], [l10n.t('All Files')]: ['*'] },
  });
  const uri = chosen?.[0];
  return uri === undefined ? undefined : { kind: 'file', path: uri.fsPath };
}
