import * as l10n from '@vscode/l10n';
import { type QuickPickItem, QuickPickItemKind } from 'vscode';
import {
  PREPROCESSINGS,
  type Preprocessing,
  type PreprocessingGuess,
  type PreprocessingName,
} from '../../shared/inputs';
import { RESIZE_LABELS, RESIZES } from '../../shared/sources/resizing';
import { pick, typed } from '../ui';

interface PreprocessingItem extends QuickPickItem {
  readonly name: PreprocessingName | 'resize' | null;
}

/** What a model is guessed to want, and whether nobody has chosen anything else. */
export interface Guess extends PreprocessingGuess {
  readonly isCurrent: boolean;
}

/** Asks how images are resized. `undefined` when cancelled. */
async function pickResize(current: Preprocessing): Promise<Preprocessing | undefined> {
  const { resize = RESIZES[0] } = current;
  const items = RESIZES.map((name) => ({
    label: name,
    description: name === resize ? l10n.t('current') : '',
    detail: RESIZE_LABELS[name],
  }));
  const title = l10n.t('Resizing of Images');
  const chosen = await pick(items, {
    title,
    placeHolder: l10n.t('Select how images were resized in training'),
  });
  return chosen && { ...current, resize: chosen.label };
}

/** Asks for the preprocessing of the training, and for the resizing where the user wants another. `undefined` when cancelled. */
export async function pickPreprocessing(
  current: Preprocessing,
  guess: Guess,
): Promise<Preprocessing | undefined> {
  const { resize = RESIZES[0] } = current;
  const scalings = PREPROCESSINGS.map(({ name, label }) => ({
    name,
    label,
    description: [
      ...(name === current.name ? [l10n.t('current')] : []),
      ...(name === guess.name ? [l10n.t('guess: {0}', guess.why)] : []),
    ].join(', '),
  }));
  const items: PreprocessingItem[] = [
    ...scalings,
    { label: '', kind: QuickPickItemKind.Separator, name: null },
    {
      label: l10n.t('Resizing of Images…'),
      description: l10n.t('now {0}', resize),
      detail: RESIZE_LABELS[resize],
      name: 'resize',
    },
  ];
  const chosen = await pick(items, {
    title: l10n.t('Preprocessing'),
    placeHolder: l10n.t('Select the preprocessing that was used in training'),
  });
  if (chosen === undefined || chosen.name === null) return undefined;
  if (chosen.name === 'resize') return pickResize(current);
  const kept = current.resize === undefined ? {} : { resize: current.resize };
  if (chosen.name !== 'custom') return { name: chosen.name, ...kept };
  const mean = await askNumbers(
    l10n.t('Mean'),
    l10n.t('Subtracted from the values, in the units of the file (0..255 for images)'),
    current.mean ?? [0],
  );
  if (mean === undefined) return undefined;
  const scale = await askNumbers(
    l10n.t('Scale'),
    l10n.t('Divisor, applied after the mean is subtracted'),
    current.scale ?? [255],
    true,
  );
  if (scale === undefined) return undefined;
  return { name: 'custom', mean, scale, ...kept };
}

async function askNumbers(
  what: string,
  prompt: string,
  current: readonly number[],
  nonZero = false,
): Promise<number[] | undefined> {
  const text = await typed({
    title: l10n.t('Custom Preprocessing: {0}', what),
    prompt: `${prompt}. ${l10n.t('Enter one number for all channels, or one per channel, separated by commas.')}`,
    value: current.join(', '),
    validateInput: (value) => {
      const numbers = parseNumbers(value);
      if (numbers === undefined)
        return l10n.t('Enter numbers separated by commas, such as 103.9, 116.8, 123.7.');
      return nonZero && numbers.includes(0) ? l10n.t('The scale must not be 0.') : undefined;
    },
  });
  return text === undefined ? undefined : parseNumbers(text);
}

function parseNumbers(text: string): number[] | undefined {
  const parts = text.split(',').map((part) => part.trim());
  const numbers = parts.map(Number);
  const valid = parts.every((part) => part !== '') && numbers.every(Number.isFinite);
  return valid ? numbers : undefined;
}
