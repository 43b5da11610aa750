import * as l10n from '@vscode/l10n';
import { FAMILIES, FAMILY_LABELS, type Family, familyOf } from '../../shared/graphView/families';
import type { ViewGraph } from '../../shared/graphView/viewGraph';
import type { AmountScale, Amounts } from './amounts';
import { css, mixed, type Palette, type Rgb } from './palette';

export interface BoxColours {
  readonly fill: Rgb;
  readonly accent: Rgb;
}

export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
}

/** Share of the accent in the fill of a box: its text must stay legible. */
const TINT = 0.16;
const FAINTEST = 0.08;
const STRONGEST = 0.55;

/** Colours by class, or by an amount on a scale up to the largest amount that is shown. */
export class BoxColouring {
  /** Of the finite amounts above 0 that are shown; 0 where there are none. */
  private readonly smallest: number;
  private readonly largest: number;
  private readonly families: readonly Family[];
  private readonly known = new Map<number, BoxColours>();

  constructor(
    /** `null` for colours by class. */
    private readonly amounts: Amounts | null,
    private readonly graph: ViewGraph,
    shown: readonly number[],
    private readonly palette: Palette,
  ) {
    const nodes = shown.flatMap((node) => graph.nodes[node] ?? []);
    const positive = shown.flatMap((node) => {
      const value = amounts?.values[node] ?? 0;
      return value > 0 && Number.isFinite(value) ? [value] : [];
    });
    this.largest = positive.reduce((most, value) => Math.max(most, value), 0);
    this.smallest = positive.reduce((least, value) => Math.min(least, value), this.largest);
    const found = new Set(nodes.map(familyOf));
    this.families = FAMILIES.filter((family) => found.has(family));
  }

  of(node: number): BoxColours {
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const colours = this.coloursOf(node);
    this.known.set(node, colours);
    return colours;
  }

  private coloursOf(node: number): BoxColours {
    const shown = this.graph.nodes[node];
    const { background, families, amount } = this.palette;
    if (shown === undefined) return { fill: background, accent: families.other };
    if (this.amounts === null) {
      const accent = families[familyOf(shown)];
      return { fill: mixed(accent, background, TINT), accent };
    }
    const value = this.amounts.values[node] ?? null;
    const isUnknown = value === null ? this.amounts.none === null : !Number.isFinite(value);
    if (isUnknown) return { fill: background, accent: families.unknown };
    if (value === null || value === 0) return { fill: background, accent: families.other };
    return { fill: mixed(amount, background, this.depth(value)), accent: amount };
  }

  legend(): readonly LegendEntry[] {
    const { background, families, amount } = this.palette;
    if (this.amounts === null) {
      return this.families.map((family) => ({ label: FAMILY_LABELS[family], colour: css(families[family]) }));
    }
    const { scale, none, text, values } = this.amounts;
    if (none !== null && values.every((value) => value === null))
      return [{ label: l10n.t('unknown until an input is chosen'), colour: css(background) }];
    if (this.largest === 0)
      return [{ label: scale === 'count' ? l10n.t('none') : text(0), colour: css(background) }];
    return [
      { label: none ?? text(0), colour: css(background) },
      ...this.steps(scale).map((value) => ({
        label: text(value),
        colour: css(mixed(amount, background, this.depth(value))),
      })),
    ];
  }

  /** The values of the legend. */
  private steps(scale: AmountScale): readonly number[] {
    if (scale === 'share') return [0.25, 0.5, 1];
    if (scale === 'count')
      return [...new Set([1, 2, 3].map((third) => Math.round(this.largest ** (third / 3))))];
    const { smallest, largest } = this;
    return [...new Set([smallest, Math.sqrt(smallest * largest), largest])];
  }

  private depth(value: number): number {
    return FAINTEST + this.share(value) * (STRONGEST - FAINTEST);
  }

  private share(value: number): number {
    const { smallest, largest } = this;
    if (this.amounts?.scale === 'share') return value;
    const least = this.amounts?.scale === 'size' ? smallest : 1;
    return largest > least ? Math.log(Math.max(least, value) / least) / Math.log(largest / least) : 1;
  }
}
