import type { KindTable, LayerKind } from '../layers/kind';
import { layerTables } from '../layers/registry';
import { unqualifiedName } from '../layers/support/unqualifiedName';
import { OPERATION_TABLES } from '../operations/registry';

/** A Map by class name, so that a class called `constructor` finds nothing. */
const KINDS: ReadonlyMap<string, LayerKind> = new Map(
  [...layerTables(findKind), ...OPERATION_TABLES].flatMap((table) => Object.entries(table)),
);

/** Layers that the user's own modules implement (setting `layerglass.customLayers`). */
const custom = new Map<string, LayerKind>();

export const isBuiltIn = (className: string): boolean => KINDS.has(className);

/** Replaces all custom layers. */
export function setCustomKinds(kinds: KindTable): void {
  custom.clear();
  for (const [className, kind] of Object.entries(kinds)) custom.set(className, kind);
}

export const hasCustomKinds = (): boolean => custom.size > 0;

/** Whether a layer may be computed by a user's code: it is of a custom class, or names one among its sublayers. */
export function mayBeCustom(className: string, config: Readonly<Record<string, unknown>>): boolean {
  if (custom.size === 0) return false;
  const text = JSON.stringify([className, config]);
  return [...custom.keys()].some((name) => text.includes(unqualifiedName(name)));
}

/** The kind of a Keras layer class, `undefined` for an unknown one. */
export function findKind(className: string): LayerKind | undefined {
  return KINDS.get(className) ?? custom.get(className) ?? custom.get(unqualifiedName(className));
}
