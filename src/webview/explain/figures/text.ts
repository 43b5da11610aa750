import * as l10n from '@vscode/l10n';
import { el } from '../../dom';
import { formatNumber } from '../../format';
import { type FlatScene, mapAt } from '../scene';
import { axis } from './axis';
import { type Colours, type Picture, paperColour, pieces } from './picture';

/** Stands for a position without a letter or word. */
const NOTHING = '·';
/** As `--cell` in style.css. */
const LETTER_WIDTH = 15;

/** The words that a model splits a text into, with the heat behind each. */
export function wordsPicture(scene: FlatScene): Picture {
  return pieces(
    el('div', { class: 'word-flow', 'aria-hidden': 'true' }),
    pieceOf(scene, 'padding'),
    colour(scene),
  );
}

/** The letters of a sequence in place, with the heat behind each and their positions below. */
export function lettersPicture(scene: FlatScene): Picture {
  const items = pieceOf(scene, l10n.t('no letter'));
  const row = el('div', { class: 'letter-row', 'aria-hidden': 'true' });
  return pieces(row, items, colour(scene), [axis(scene.length, LETTER_WIDTH)]);
}

function pieceOf(scene: FlatScene, nothing: string): HTMLElement[] {
  return Array.from({ length: scene.length }, (_, i) => {
    const name = scene.names?.values[i] ?? '';
    const title = `${i}: ${name === '' ? nothing : name}, ${formatNumber(mapAt(scene, { x: i, y: 0 }).value)}`;
    return el(
      'span',
      { class: name === '' ? 'piece nothing' : 'piece', 'data-piece': true, title },
      name === '' ? NOTHING : name,
    );
  });
}

const colour =
  ({ heat }: FlatScene) =>
  (item: HTMLElement, index: number, colours: Colours): void => {
    const { background, text } = paperColour(colours, heat[index] ?? 0);
    item.style.setProperty('background-color', background);
    item.style.setProperty('color', text);
  };
