import { shortCount } from '../../shared/amounts';
import { FAMILIES, FAMILY_LABELS, type Family, familyOf } from '../../shared/graphView/families';
import type { ViewGraph, ViewNode } from '../../shared/graphView/viewGraph';
import { css, mixed, type Palette, type Rgb } from './palette';

export const COLOURINGS = ['class', 'params', 'multiplyAdds'] as const;
export type Colouring = (typeof COLOURINGS)[number];

export const COLOURING_LABELS: Readonly<Record<Colouring, string>> = {
  class: 'Class',
  params: 'Parameters',
  multiplyAdds: 'Multiply-adds',
};

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
    readonly by: Colouring,
    private readonly graph: ViewGraph,
    shown: readonly number[],
    private readonly palette: Palette,
  ) {
    const nodes = shown.flatMap((node) => graph.nodes[node] ?? []);
    this.largest = nodes.reduce((most, node) => Math.max(most, this.amount(node) ?? 0), 0);
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
    if (this.by === 'class') {
      const accent = families[familyOf(shown)];
      return { fill: mixed(accent, background, TINT), accent };
    }
    const value = this.amount(shown);
    if (value === null) return { fill: background, accent: families.unknown };
    if (value === 0) return { fill: background, accent: families.other };
    return { fill: mixed(amount, background, this.depth(value)), accent: amount };
  }

  legend(): readonly LegendEntry[] {
    const { background, families, amount } = this.palette;
    if (this.by === 'class') {
      return this.families.map((family) => ({ label: FAMILY_LABELS[family], colour: css(families[family]) }));
    }
    if (this.largest === 0) return [{ label: 'none', colour: css(background) }];
    const steps = [...new Set([1, 2, 3].map((third) => Math.round(this.largest ** (third / 3))))];
    return [
      { label: '0', colour: css(background) },
      ...steps.map((value) => ({
        label: shortCount(value),
        colour: css(mixed(amount, background, this.depth(value))),
      })),
    ];
  }

  private depth(value: number): number {
    const share = this.largest > 1 ? Math.log(Math.max(1, value)) / Math.log(this.largest) : 1;
    return FAINTEST + share * (STRONGEST - FAINTEST);
  }

  private amount(node: ViewNode): number | null {
    return this.by === 'multiplyAdds' ? node.multiplyAdds : node.params;
  }
}
