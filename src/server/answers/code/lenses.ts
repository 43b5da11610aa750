import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import type { CodeLens } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { FileUse } from '../../code/machine';
import { summaryOf } from '../../code/summary';
import type { Model } from '../../code/values';
import type { Program } from './programs';

/** Weights alone: there are no layers to run or to compare. */
const WEIGHTS_ONLY = /\.weights\.h5$/i;

/**
 * What can be done with the model files that a document loads or saves, above those calls.
 * @param fileOf the file that the code names; `null` where there is none to open
 */
export function lensesIn(
  program: Program,
  document: TextDocument,
  fileOf: (name: string) => string | null,
): CodeLens[] {
  const known = new Map<number, CodeLens[]>();
  for (const use of program.inference.files) {
    const place = program.placeOf(use.site);
    const path = place?.document.uri === document.uri ? fileOf(use.file) : null;
    if (place === null || path === null || known.has(use.site.from)) continue;
    const { range } = place;
    const lens = (title: string, command: string, ...rest: readonly unknown[]): CodeLens => ({
      range,
      command: { title, command: `layerglass.code.${command}`, arguments: [path, ...rest] },
    });
    const isModel = !WEIGHTS_ONLY.test(path);
    known.set(use.site.from, [
      lens(l10n.t('Open {0}', basename(path)), 'open'),
      ...(isModel ? [lens(l10n.t('Explain Prediction'), 'explain')] : []),
      ...(isModel && !use.isGraph && builtFor(program, use) !== null
        ? [lens(l10n.t('Compare with Code'), 'compare', document.uri, range.start)]
        : []),
    ]);
  }
  return [...known.values()].flat();
}

/**
 * The model of the program that belongs to a file: the one that a call saves there or gives its weights; of a file that is loaded, the one
 * that the program saves there, else the only one that it builds. `null` where there is none whose layers are known.
 */
export function builtFor({ inference }: Program, { file, model }: FileUse): Model | null {
  const saved = inference.files.findLast((use) => use.file === file && use.model !== null)?.model ?? null;
  const found = model ?? saved ?? onlyModel(inference.layers.map(({ layer }) => layer));
  return found !== null && (summaryOf(found)?.length ?? 0) > 0 ? found : null;
}

/** The model that is part of no other one, if there is one such model. */
function onlyModel(layers: Program['inference']['layers'][number]['layer'][]): Model | null {
  const models = layers.filter((layer) => layer.kind === 'model');
  const inner = new Set(models.flatMap((model) => model.state.value.layers ?? []));
  const outer = models.filter((model) => !inner.has(model));
  const [only] = outer;
  return outer.length === 1 && only !== undefined ? only : null;
}
