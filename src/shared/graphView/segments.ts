import { depths, type Folded } from './fold';
import type { ViewEdge, ViewGraph } from './viewGraph';

/**
 * An item of a level: a box or unfolded group, or a port, the point at which the values of one box cross the border of the group.
 */
export interface LevelEntry {
  readonly kind: 'node' | 'in' | 'out';
  /** The box or group; of a port, the box whose values cross. */
  readonly node: number;
}

/** The part of an edge that is in one level. Edges from one box share the parts that they have in common. */
export interface Segment {
  readonly from: LevelEntry;
  readonly to: LevelEntry;
  /** The box that the values come from. */
  readonly source: number;
  /** The boxes that the edges lead to. */
  readonly targets: number[];
  readonly values: ViewEdge[];
  /** At the level that contains both ends: the shape is written here. */
  readonly isMiddle: boolean;
}

export interface Level {
  readonly entries: Map<string, LevelEntry>;
  readonly segments: Map<string, Segment>;
}

/** The top level. */
export const ROOT = -1;

export const entryKey = ({ kind, node }: LevelEntry): string => `${kind}${node}`;

/** Splits the edges at the borders of unfolded groups: each level can then be laid out by itself. */
export function levelsOf(graph: ViewGraph, { boxes, frames, edges }: Folded): ReadonlyMap<number, Level> {
  const levels = new Map<number, Level>([[ROOT, { entries: new Map(), segments: new Map() }]]);
  for (const frame of frames) levels.set(frame, { entries: new Map(), segments: new Map() });
  const levelAround = (node: number): number => graph.nodes[node]?.parent ?? ROOT;
  const add = (level: number, entry: LevelEntry): void => {
    levels.get(level)?.entries.set(entryKey(entry), entry);
  };
  for (const node of [...boxes, ...frames]) add(levelAround(node), { kind: 'node', node });

  const depth = depths(graph);
  for (const { from, to, values } of edges) {
    const connect = (level: number, begin: LevelEntry, end: LevelEntry, isMiddle = false): void => {
      add(level, begin);
      add(level, end);
      const segments = levels.get(level)?.segments;
      const key = `${entryKey(begin)} ${entryKey(end)} ${from}`;
      const known = segments?.get(key);
      if (known === undefined) {
        segments?.set(key, {
          from: begin,
          to: end,
          source: from,
          targets: [to],
          values: [...values],
          isMiddle,
        });
      } else {
        known.targets.push(to);
        known.values.push(...values.filter((value) => !known.values.some((other) => isSame(value, other))));
      }
    };
    let [begin, end] = [from, to];
    const leave = (): void => {
      const group = levelAround(begin);
      connect(group, { kind: 'node', node: begin }, { kind: 'out', node: from });
      begin = group;
    };
    const enter = (): void => {
      const group = levelAround(end);
      connect(group, { kind: 'in', node: from }, { kind: 'node', node: end });
      end = group;
    };
    while (levelAround(begin) !== levelAround(end)) {
      if ((depth[begin] ?? 0) > (depth[end] ?? 0)) leave();
      else if ((depth[begin] ?? 0) < (depth[end] ?? 0)) enter();
      else {
        leave();
        enter();
      }
    }
    connect(levelAround(begin), { kind: 'node', node: begin }, { kind: 'node', node: end }, true);
  }
  return levels;
}

const isSame = (a: ViewEdge, b: ViewEdge): boolean => a.from === b.from && a.output === b.output;
