import { FAMILIES, type Family } from '../../shared/graphView/families';
import { el } from '../dom';

export type Rgb = readonly [number, number, number];

/** The colours of the theme as the canvas needs them: it knows no CSS variables. */
export interface Palette {
  readonly background: Rgb;
  readonly text: Rgb;
  readonly quiet: Rgb;
  readonly line: Rgb;
  readonly focus: Rgb;
  readonly match: Rgb;
  /** The deep end of the scale for amounts. */
  readonly amount: Rgb;
  /** Borders that a high contrast theme wants, `null` in other themes. */
  readonly contrast: Rgb | null;
  readonly families: Readonly<Record<Family, Rgb>>;
  readonly font: string;
}

/** Reads the colours that `style.css` takes from the theme. */
export function readPalette(host: HTMLElement): Palette {
  const probe = el('span', { hidden: true });
  host.append(probe);
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const resolved = (value: string): Rgb => {
    probe.style.color = '';
    probe.style.color = value;
    const { color } = getComputedStyle(probe);
    if (canvas === null) return [128, 128, 128];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r = 128, g = 128, b = 128] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b];
  };
  const variable = (name: string): Rgb => resolved(`var(--${name})`);
  const isContrast = document.body.className.includes('high-contrast');
  const palette = {
    background: variable('vscode-editor-background'),
    text: variable('vscode-foreground'),
    quiet: variable('quiet'),
    line: variable('graph-line'),
    focus: variable('vscode-focusBorder'),
    match: variable('graph-match'),
    amount: variable('graph-amount'),
    contrast: isContrast ? variable('vscode-contrastBorder') : null,
    families: Object.fromEntries(FAMILIES.map((family) => [family, variable(`family-${family}`)])) as Record<
      Family,
      Rgb
    >,
    font: getComputedStyle(host).fontFamily,
  };
  probe.remove();
  return palette;
}

/** `share` of one colour over another. */
export const mixed = (over: Rgb, under: Rgb, share: number): Rgb => [
  over[0] * share + under[0] * (1 - share),
  over[1] * share + under[1] * (1 - share),
  over[2] * share + under[2] * (1 - share),
];

export const css = ([r, g, b]: Rgb, alpha = 1): string =>
  `rgba(${Math.round(r)}, ${Math.round(g)}, ${Math.round(b)}, ${alpha})`;
