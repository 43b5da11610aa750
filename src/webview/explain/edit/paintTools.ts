import * as l10n from '@vscode/l10n';
import type { PaintFill } from '../../../shared/edits/inputEdit';
import { el } from '../../dom';
import { field, segments, select } from '../../ui';

export type Tool = 'brush' | 'rectangle' | 'eraser';
type FillName = 'colour' | 'black' | 'mean' | 'blur' | 'noise' | 'original';

export interface PaintTools {
  readonly element: HTMLElement;
  readonly tool: Tool;
  /** Pixels across. */
  readonly size: number;
  readonly fill: PaintFill;
  setSize(size: number): void;
  /** @param side the shorter side of the picture: the largest brush covers half of it */
  setSide(side: number): void;
}

/** Of the shorter side. */
const FIRST_SIZE = 0.12;
const LARGEST_SIZE = 0.5;
/** The seed of noise: the same spot gets the same noise each time. */
const NOISE_SEED = 1;

/** What is painted with: tool, size and fill. @param onChange after the user changed one of them */
export function paintTools(onChange: () => void): PaintTools {
  let tool: Tool = 'brush';
  let fill: FillName = 'colour';
  const tools = segments<Tool>(
    l10n.t('Tool'),
    [
      { value: 'brush', label: l10n.t('Brush') },
      { value: 'rectangle', label: l10n.t('Rectangle') },
      { value: 'eraser', label: l10n.t('Eraser'), title: l10n.t('Gives the original back') },
    ],
    (value) => {
      tool = value;
      show();
    },
  );
  tools.setValue(tool);
  const fills = select<FillName>(
    [
      { value: 'colour', label: l10n.t('Colour') },
      { value: 'black', label: l10n.t('Black') },
      { value: 'mean', label: l10n.t('Mean of the picture') },
      { value: 'blur', label: l10n.t('Blur') },
      { value: 'noise', label: l10n.t('Noise') },
      { value: 'original', label: l10n.t('Original') },
    ],
    (value) => {
      fill = value;
      show();
    },
  );
  const colour = el('input', { type: 'color', value: '#808080' });
  colour.addEventListener('input', onChange);
  const size = el('input', { type: 'range', min: 1, max: 32, step: 1 });
  const sizeText = el('output', { class: 'brush-size', 'aria-hidden': 'true' });
  size.addEventListener('input', () => show());
  const sizeField = field(
    l10n.t('Size'),
    el('div', { class: 'size-row', role: 'presentation' }, size, sizeText),
  );
  const fillField = field(l10n.t('Fill'), fills.element);
  const colourField = field(l10n.t('Colour'), colour);
  size.setAttribute('aria-label', l10n.t('Size of the brush'));
  const show = () => {
    sizeText.textContent = l10n.t('{0} px', size.value);
    size.setAttribute('aria-valuetext', sizeText.textContent);
    sizeField.hidden = tool === 'rectangle';
    fillField.hidden = tool === 'eraser';
    colourField.hidden = tool === 'eraser' || fill !== 'colour';
    onChange();
  };
  return {
    element: el('div', { class: 'paint-tools' }, tools.element, sizeField, fillField, colourField),
    get tool() {
      return tool;
    },
    get size() {
      return Number(size.value);
    },
    get fill() {
      return fillOf(tool === 'eraser' ? 'original' : fill, colour.value);
    },
    setSize(next) {
      size.value = String(next);
      show();
    },
    setSide(side) {
      const largest = Math.max(1, Math.round(side * LARGEST_SIZE));
      size.max = String(largest);
      size.value = String(Math.max(1, Math.round(side * FIRST_SIZE)));
      show();
    },
  };
}

/** @param colour `#rrggbb` */
function fillOf(name: FillName, colour: string): PaintFill {
  switch (name) {
    case 'colour':
      return { kind: 'colour', rgb: [byteAt(colour, 1), byteAt(colour, 3), byteAt(colour, 5)] };
    case 'black':
      return { kind: 'colour', rgb: [0, 0, 0] };
    case 'noise':
      return { kind: 'noise', seed: NOISE_SEED };
    default:
      return { kind: name };
  }
}

const byteAt = (colour: string, at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
