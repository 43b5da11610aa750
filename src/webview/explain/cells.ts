import type { AxisPlacement } from '../../shared/explanation';

/** The cell of the raw map that belongs to a position of the input, along one axis. */
export interface Cell {
  readonly index: number;
  /** True where only the sizes tell: the layers between may have moved it. */
  readonly isAbout: boolean;
  /** The first and the last input position that the cell takes in; null where that is not known, or is the position alone. */
  readonly field: readonly [number, number] | null;
}

/** The cell whose centre is nearest, the later one of two; `placement` null: the position scaled to the size of the map. */
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
