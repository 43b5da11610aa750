import { below, mulberry32 } from '../../../shared/random';
import { NO_CONTROL } from '../../run/control';
import { dropAndIncrease, highlightMask } from '../measures/averageDrop';
import { deletionCurve, insertionCurve } from '../measures/deletion';
import { faithfulness } from '../measures/infidelity';
import type { RawMap } from '../method';
import type { Masks } from '../perturbation/masks';
import { STEPS } from './curves';
import { joined, type MaskedInput, mapsOver, maskedInput } from './maskedInput';
import { blocksOf } from './randomMap';
import { randomisation, sensitivity } from './repeats';
import type { Subject } from './subject';
import { measuringPasses } from './trust';

/** What is measured about one map, to be averaged over many inputs; null where it cannot be computed. */
export interface MapFigures {
  readonly insertionAuc: number | null;
  readonly deletionAuc: number | null;
  /** The relative loss of the score when only what the map highlights is kept, 0 where it rises. */
  readonly averageDrop: number | null;
  /** 1 where the score rises then, else 0. */
  readonly increase: number | null;
  /** Correlation between what the map says of removed areas and the loss of the score. */
  readonly faithfulness: number | null;
  readonly sensitivity: number | null;
  readonly randomisation: number | null;
}

/** Random removals, from which the faithfulness is computed. */
const REMOVALS = 50;
/** The share of the blocks that each of them removes. */
const REMOVED = 0.25;

/** The figures of an explanation. */
export async function figuresOf(subject: Subject): Promise<MapFigures> {
  const { maps } = subject.found;
  const input = await inputOf(subject, (index) => maps.some(({ header }) => header.inputIndex === index));
  const own = input && mapsOver(input, maps);
  const measured = input && own ? await mapFigures(input, own) : NOTHING;
  return {
    ...measured,
    sensitivity: (await sensitivity(subject)).value,
    randomisation: (await randomisation(subject)).value?.stages.at(-1)?.correlation ?? null,
  };
}

/** The floor: those of a map of random blocks. It depends on no weights and on no input. */
export async function figuresOfRandom(subject: Subject, seed: number): Promise<MapFigures> {
  const input = await inputOf(subject, () => true);
  return input ? { ...NOTHING, ...(await mapFigures(input, randomMaps(input, seed))) } : NOTHING;
}

/** The area under the insertion curve of an explanation alone; null where nothing can be inserted. */
export async function insertionOf(subject: Subject): Promise<number | null> {
  const { maps } = subject.found;
  const input = await inputOf(subject, (index) => maps.some(({ header }) => header.inputIndex === index));
  const own = input && mapsOver(input, maps);
  return input && own ? insertionAuc(input, own) : null;
}

/** The floor of `insertionOf`, and the maps of random blocks that it is measured on. */
export async function insertionOfRandom(
  subject: Subject,
  seed: number,
): Promise<{ readonly maps: readonly RawMap[]; readonly auc: number } | null> {
  const input = await inputOf(subject, () => true);
  if (input === null) return null;
  const maps = randomMaps(input, seed);
  return { maps, auc: await insertionAuc(input, maps) };
}

const insertionAuc = async (input: MaskedInput, maps: readonly RawMap[]): Promise<number> =>
  (await insertionCurve({ map: joined(input, maps), steps: STEPS, scores: input.scores })).auc;

const randomMaps = ({ places }: MaskedInput, seed: number): RawMap[] => {
  const uniform = mulberry32(seed);
  return places.map(({ spatial, isDiscrete }) => {
    const values = new Float32Array(spatial.reduce((a, b) => a * b, 1));
    for (const block of blocksOf(spatial, isDiscrete)) {
      const value = uniform();
      for (const cell of block) values[cell] = value;
    }
    return { shape: spatial, values };
  });
};

const NOTHING: MapFigures = {
  insertionAuc: null,
  deletionAuc: null,
  averageDrop: null,
  increase: null,
  faithfulness: null,
  sensitivity: null,
  randomisation: null,
};

async function inputOf(subject: Subject, has: (input: number) => boolean): Promise<MaskedInput | null> {
  const { passes } = await measuringPasses(subject, {
    ...NO_CONTROL,
    isCancelled: () => subject.control.isCancelled(),
  });
  return maskedInput(subject, passes, has);
}

async function mapFigures(input: MaskedInput, maps: readonly RawMap[]): Promise<MapFigures> {
  const { scores } = input;
  const map = joined(input, maps);
  const kept = highlightMask(map);
  const all = new Float32Array(map.length).fill(1);
  const [whole = 0, highlighted = 0] = await scores({ count: 2, at: (i) => (i === 0 ? all : kept) });
  const { averageDrop, increase } = dropAndIncrease([whole], [highlighted]);
  const { correlation } = await faithfulness(map, removals(input), scores);
  return {
    ...NOTHING,
    insertionAuc: (await insertionCurve({ map, steps: STEPS, scores })).auc,
    deletionAuc: (await deletionCurve({ map, steps: STEPS, scores })).auc,
    averageDrop: whole > 0 ? averageDrop : null,
    increase,
    faithfulness: Number.isFinite(correlation) ? correlation : null,
  };
}

/** Each removes a quarter of the blocks, at random. */
function removals({ places }: MaskedInput): Masks {
  const draw = below(mulberry32(1));
  const blocks: number[][] = [];
  let cells = 0;
  for (const { spatial, isDiscrete, cells: own } of places) {
    const start = cells;
    blocks.push(...blocksOf(spatial, isDiscrete).map((block) => block.map((cell) => cell + start)));
    cells += own.cells;
  }
  const count = Math.max(1, Math.round(REMOVED * blocks.length));
  const chosen = Array.from({ length: REMOVALS }, () =>
    Array.from({ length: count }, () => draw(blocks.length)),
  );
  return {
    count: REMOVALS,
    at(index) {
      const mask = new Float32Array(cells).fill(1);
      for (const block of chosen[index] ?? []) for (const cell of blocks[block] ?? []) mask[cell] = 0;
      return mask;
    },
  };
}
