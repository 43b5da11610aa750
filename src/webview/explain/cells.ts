import type { AxisPlacement } from '../../shared/explanation';

/** The cell of the raw map for a position of the input, along one axis. */
export interface Cell {
  readonly index: number;
  /** True where the cell is estimated from the sizes: the layers in between may shift it. */
  readonly isAbout: boolean;
  /** First and last input position of the cell's receptive field; null where unknown, or only the position itself. */
  readonly field: readonly [number, number] | null;
}

/** The cell with the nearest centre, the later one of a tie. Without a `placement`, the position is scaled to the map. */
export function cellAt(position: number, cells: number, size: number, placement: AxisPlacement | null): Cell {
  const inside = (index: number) => Math.min(cells - 1, Math.max(0, index));
  if (placement === null) {
    const index = inside(Math.floor(((position + 0.5) * cells) / size));
    return { index, isAbout: cells !== size, field: null };
  }
  const { centre, stride, window } = placement;
  const index = inside(Math.round((position - centre) / stride));
  if (window === null || window === 1) return { index, isAbout: false, field: null };
  const reach = (window - 1) / 2;
  const at = centre + index * stride;
  return { index, isAbout: false, field: [Math.max(0, at - reach), Math.min(size - 1, at + reach)] };
}
