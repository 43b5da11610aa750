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
    description: name === resize ? 'current' : '',
    detail: RESIZE_LABELS[name],
  }));
  const title = 'Resizing of Images';
  const chosen = await pick(items, { title, placeHolder: 'Select how images were resized in training' });
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
      ...(name === current.name ? ['current'] : []),
      ...(name === guess.name
        ? [`${name === current.name && guess.isCurrent ? 'a ' : ''}guess: ${guess.why}`]
        : []),
    ].join(', '),
  }));
  const items: PreprocessingItem[] = [
    ...scalings,
    { label: '', kind: QuickPickItemKind.Separator, name: null },
    {
      label: 'Resizing of Images…',
      description: `now ${resize}`,
      detail: RESIZE_LABELS[resize],
      name: 'resize',
    },
  ];
  const chosen = await pick(items, {
    title: 'Preprocessing',
    placeHolder: 'Select the preprocessing that was used in training',
  });
  if (chosen === undefined || chosen.name === null) return undefined;
  if (chosen.name === 'resize') return pickResize(current);
  const kept = current.resize === undefined ? {} : { resize: current.resize };
  if (chosen.name !== 'custom') return { name: chosen.name, ...kept };
  const mean = await askNumbers(
    'Mean',
    'Subtracted from the values, in the units of the file (0..255 for images)',
    current.mean ?? [0],
  );
  if (mean === undefined) return undefined;
  const scale = await askNumbers(
    'Scale',
    'Divisor, applied after the mean is subtracted',
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
    title: `Custom Preprocessing: ${what}`,
    prompt: `${prompt}. Enter one number for all channels, or one per channel, separated by commas.`,
    value: current.join(', '),
    validateInput: (value) => {
      const numbers = parseNumbers(value);
      if (numbers === undefined) return 'Enter numbers separated by commas, such as 103.9, 116.8, 123.7.';
      return nonZero && numbers.includes(0) ? 'The scale must not be 0.' : undefined;
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
