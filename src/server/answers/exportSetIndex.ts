import { basename } from 'node:path';
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
  const inputs = inputsOf(index).map(({ name, from }) => `Input "${name}": ${from}`);
  const rows = files.map(({ file, what, shape }) => ({ file, what, size: shape.join(' x ') }));
  const width = Math.max(...rows.map(({ file }) => file.length));
  const sizeWidth = Math.max(...rows.map(({ size }) => size.length));
  const lines = [
    header.sentence,
    '',
    `Model: ${basename(index.run.model.path)}`,
    ...inputs,
    `Preprocessing: ${params.preprocessing.name}`,
    `Method: ${METHODS[header.method].label}${optionsText(header)}`,
    `Score: ${header.target.score} of the target, ${header.target.value}`,
    `Backend: ${header.backend}`,
    '',
    'Files (arrays have no batch axis; load them with numpy.load)',
    ...rows.map(({ file, what, size }) => `  ${file.padEnd(width)}  ${size.padEnd(sizeWidth)}  ${what}`),
    ...(relation === null ? [] : ['', 'CAM and Grad-CAM', `  ${relation}`]),
    ...(missing.length === 0 ? [] : ['', 'Not exported']),
    ...missing.map(({ name, why }) => `  ${name}: ${why}`),
    ...(header.notices.length === 0 ? [] : ['', 'Notes']),
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
  const { edits = [] } = source;
  const edited =
    edits.length === 0 ? '' : `, edited (${edits.length} ${edits.length === 1 ? 'edit' : 'edits'})`;
  return `${originText(source)}${edited}`;
}

function originText(source: InputSource): string {
  if (source.kind === 'random') return `random values, seed ${source.seed}`;
  if (source.kind === 'text') return `the typed text "${source.text}"`;
  const part = source.member === undefined ? '' : ` [${source.member}]`;
  const sample = source.sample === undefined ? '' : `, sample ${source.sample}`;
  return `${basename(source.path)}${part}${sample}`;
}
