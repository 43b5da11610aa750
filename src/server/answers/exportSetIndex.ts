import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { ExplanationHeader } from '../../shared/explanation';
import type { InputSource } from '../../shared/inputs';
import { METHODS } from '../../shared/methods';
import type { ExportSetParams } from '../../shared/protocol';
import type { MissingPart } from '../../shared/results/exportSet';
import { visible } from '../../shared/text';
import { nonFiniteName } from '../../shared/wireNumbers';
import type { Run } from '../session/runs';

/** A file of a set. */
export interface IndexedFile {
  readonly file: string;
  /** What it holds, as a phrase. */
  readonly what: string;
  /** Of the array or the image. */
  readonly shape: readonly number[];
}

export interface SetIndex {
  readonly run: Pick<Run, 'model' | 'inputs'>;
  readonly params: ExportSetParams;
  /** Of the chosen method. */
  readonly header: ExplanationHeader;
  readonly files: readonly IndexedFile[];
  readonly missing: readonly MissingPart[];
  readonly relation: string | null;
}

/** The index for programs. Files are named without their folders, which are nobody else's business. */
export function indexJson(index: SetIndex): string {
  const { header, params, files, missing, relation } = index;
  const { method, options, layer, target, predictions, display, backend, sentence, notices } = header;
  const document = {
    model: basename(index.run.model.path),
    inputs: inputsOf(index),
    preprocessing: params.preprocessing,
    sentence,
    method,
    options,
    layer,
    target,
    predictions,
    display,
    colourMap: params.colourMap,
    opacity: params.opacity,
    backend,
    files,
    missing,
    camAndGradCam: relation,
    notices,
  };
  const withNames = (_key: string, value: unknown) =>
    typeof value === 'number' ? (nonFiniteName(value) ?? value) : value;
  return `${JSON.stringify(document, withNames, 2)}\n`;
}

/** The same for people. */
export function indexText(index: SetIndex): string {
  const { header, params, files, missing, relation } = index;
  const inputs = inputsOf(index).map(({ name, from }) => l10n.t('Input "{0}": {1}', name, from));
  const rows = files.map(({ file, what, shape }) => ({ file, what, size: shape.join(' x ') }));
  const width = Math.max(...rows.map(({ file }) => file.length));
  const sizeWidth = Math.max(...rows.map(({ size }) => size.length));
  const lines = [
    header.sentence,
    '',
    l10n.t('Model: {0}', basename(index.run.model.path)),
    ...inputs,
    l10n.t('Preprocessing: {0}', params.preprocessing.name),
    l10n.t('Method: {0}', METHODS[header.method].label + optionsText(header)),
    l10n.t('Score: {0} of the target, {1}', header.target.score, header.target.value),
    l10n.t('Backend: {0}', header.backend),
    '',
    l10n.t('Files (arrays have no batch axis; load them with numpy.load)'),
    ...rows.map(({ file, what, size }) => `  ${file.padEnd(width)}  ${size.padEnd(sizeWidth)}  ${what}`),
    ...(relation === null ? [] : ['', l10n.t('CAM and Grad-CAM'), `  ${relation}`]),
    ...(missing.length === 0 ? [] : ['', l10n.t('Not exported')]),
    ...missing.map(({ name, why }) => `  ${name}: ${why}`),
    ...(header.notices.length === 0 ? [] : ['', l10n.t('Notes')]),
    ...header.notices.map((notice) => `  ${notice}`),
  ];
  return `${lines.map(visible).join('\n')}\n`;
}

const optionsText = ({ options }: ExplanationHeader): string => {
  const parts = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
};

const inputsOf = ({ run }: SetIndex): { readonly name: string; readonly from: string }[] =>
  run.inputs.map(({ source }, i) => ({ name: run.model.graph.inputs[i] ?? '', from: sourceText(source) }));

function sourceText(source: InputSource): string {
  const [origin, { length }] = [originText(source), source.edits ?? []];
  if (length === 0) return origin;
  return length === 1
    ? l10n.t('{0}, edited (1 edit)', origin)
    : l10n.t('{0}, edited ({1} edits)', origin, length);
}

function originText(source: InputSource): string {
  if (source.kind === 'random') return l10n.t('random values, seed {0}', source.seed);
  if (source.kind === 'text') return l10n.t('the typed text "{0}"', source.text);
  const part = source.member === undefined ? '' : ` [${source.member}]`;
  const file = `${basename(source.path)}${part}`;
  return source.sample === undefined ? file : l10n.t('{0}, sample {1}', file, source.sample);
}
