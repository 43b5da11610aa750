import type { LayerEntry } from '../../graph/graph';
import { objectNamer } from '../../layers/support/objectNames';
import { isRecord } from '../../layers/support/records';

/**
 * Every layer with its folder in a `.keras` file (`_save_state` of Keras's saving_lib.py), in the order in which they were
 * written; `null` if the file does not determine it.
 * A layer shared with a nested model is written once, at its first occurrence. Keras 3 counts it in the names of its class
 * at every occurrence; Keras 2 does not.
 */
export function* objectFolders(layers: readonly LayerEntry[]): Generator<[LayerEntry, string | null]> {
  yield* walk(layers, '', new WrittenLayers(layers));
}

function* walk(
  layers: readonly LayerEntry[],
  prefix: string | null,
  written: WrittenLayers,
): Generator<[LayerEntry, string | null]> {
  const nameOf = objectNamer();
  /** Classes whose numbers are not known from here on. */
  const lost = new Set<string>();
  for (const layer of layers) {
    const before = written.find(layer);
    if (before === 'unsure') lost.add(layer.className);
    const isCounted = before === undefined || layer.config.kerasMajor >= 3;
    const name = isCounted ? nameOf(layer.className) : '';
    const isKnown = prefix !== null && !lost.has(layer.className);
    let folder = isKnown ? `${prefix}layers/${name}` : null;
    if (before === undefined) written.add(layer, folder);
    else folder = before === 'unsure' ? null : before;
    if (layer.layers === null) yield [layer, folder];
    else yield* walk(layer.layers, folder === null ? null : `${folder}/`, written);
  }
}

/** An object in a config. */
interface Named {
  readonly className: string;
  readonly name: string;
  readonly shared?: number;
}

/** The layers that are already written, to recognize later occurrences. */
class WrittenLayers {
  /** Few models share layers, and configs may contain long lists. */
  private readonly isNeeded: boolean;
  /** How often an object occurs under its number. */
  private readonly occurrences = new Map<number, number>();
  private readonly byNumber = new Map<number, string | null>();
  /** Folders of those without a number, by class and name. */
  private readonly unnumbered = new Map<string, (string | null)[]>();

  constructor(layers: readonly LayerEntry[]) {
    this.isNeeded = layers.some(isShared);
    if (!this.isNeeded) return;
    for (const { shared } of layers.flatMap(allIn)) {
      if (shared !== undefined) this.occurrences.set(shared, (this.occurrences.get(shared) ?? 0) + 1);
    }
  }

  /**
   * The folder of an earlier occurrence of a layer; `unsure` if there are two candidates. Keras numbers an object when it
   * occurs again, and then also the first occurrence, unless that is in a nested model, whose config was copied.
   */
  find(layer: Named): string | null | 'unsure' | undefined {
    const { shared } = layer;
    if (shared === undefined) return undefined;
    const known = this.byNumber.get(shared);
    if (known !== undefined) return known;
    const like = this.unnumbered.get(keyOf(layer)) ?? [];
    if (like.length === 0) return undefined;
    if (like.length > 1 || (this.occurrences.get(shared) ?? 0) > 1) return 'unsure';
    return like[0];
  }

  add(layer: LayerEntry, folder: string | null): void {
    if (!this.isNeeded) return;
    this.put(layer, folder);
    // Layers inside a wrapper are written in the wrapper's folder.
    if (layer.layers === null) for (const held of nestedObjects(layer.config.values)) this.put(held, null);
  }

  private put(object: Named, folder: string | null): void {
    if (object.shared !== undefined) {
      if (!this.byNumber.has(object.shared)) this.byNumber.set(object.shared, folder);
      return;
    }
    const key = keyOf(object);
    const like = this.unnumbered.get(key);
    if (like === undefined) this.unnumbered.set(key, [folder]);
    else like.push(folder);
  }
}

const keyOf = ({ className, name }: Named): string => JSON.stringify([className, name]);

const isShared = ({ shared, layers }: LayerEntry): boolean =>
  shared !== undefined || (layers?.some(isShared) ?? false);

const allIn = (layer: LayerEntry): Named[] => [
  layer,
  ...(layer.layers === null ? nestedObjects(layer.config.values) : layer.layers.flatMap(allIn)),
];

/** Layers in the config of a layer. */
function nestedObjects(value: unknown): Named[] {
  if (Array.isArray(value)) return value.flatMap(nestedObjects);
  if (!isRecord(value)) return [];
  const { class_name: className, config, shared_object_id: shared } = value;
  const name = isRecord(config) ? config.name : undefined;
  const own: Named[] =
    typeof className === 'string' && typeof name === 'string'
      ? [{ className, name, ...(typeof shared === 'number' && { shared }) }]
      : [];
  return [...own, ...Object.values(value).flatMap(nestedObjects)];
}
