import * as l10n from '@vscode/l10n';
import { FAMILIES, FAMILY_LABELS, type Family, familyOf } from '../../shared/graphView/families';
import type { ViewGraph } from '../../shared/graphView/viewGraph';
import type { Amounts } from './amounts';
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

/** Colours by class, or by an amount on a logarithmic scale from 1 to the largest amount that is shown. */
export class BoxColouring {
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
    this.largest = shown.reduce((most, node) => Math.max(most, amounts?.values[node] ?? 0), 0);
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
    // Only layers with a rectifier have a share.
    if (value === null && !this.amounts.isShare) return { fill: background, accent: families.unknown };
    if (value === null || value === 0) return { fill: background, accent: families.other };
    return { fill: mixed(amount, background, this.depth(value)), accent: amount };
  }

  legend(): readonly LegendEntry[] {
    const { background, families, amount } = this.palette;
    if (this.amounts === null) {
      return this.families.map((family) => ({ label: FAMILY_LABELS[family], colour: css(families[family]) }));
    }
    const { isShare, text, values } = this.amounts;
    if (isShare && values.every((value) => value === null))
      return [{ label: l10n.t('unknown until an input is chosen'), colour: css(background) }];
    if (this.largest === 0) return [{ label: isShare ? text(0) : l10n.t('none'), colour: css(background) }];
    const steps = isShare
      ? [0.25, 0.5, 1]
      : [...new Set([1, 2, 3].map((third) => Math.round(this.largest ** (third / 3))))];
    return [
      { label: isShare ? l10n.t('0 % or no rectifier') : text(0), colour: css(background) },
      ...steps.map((value) => ({
        label: text(value),
        colour: css(mixed(amount, background, this.depth(value))),
      })),
    ];
  }

  private depth(value: number): number {
    if (this.amounts?.isShare) return FAINTEST + value * (STRONGEST - FAINTEST);
    const share = this.largest > 1 ? Math.log(Math.max(1, value)) / Math.log(this.largest) : 1;
    return FAINTEST + share * (STRONGEST - FAINTEST);
  }
}
