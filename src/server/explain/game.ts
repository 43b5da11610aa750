import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import { sizeOf } from '../../shared/model';
import { isDiscrete, type MaskedPlace, masked, maskedPlaces, overChannels } from './masking';
import { type Attribution, type InputContext, numberOption, type RawMap, textOption } from './method';
import type { ChangedValues } from './passes';
import {
  boxSize,
  type Groups,
  gridGroups,
  groupMask,
  groupsByValue,
  singleCells,
  spread,
} from './perturbation/groups';
import { slic } from './perturbation/slic';
import { layoutAt } from './places';

/** The equations of LIME and KernelSHAP have the square of this many numbers. */
const MAX_GROUPS = 1024;
/** Where the user asks for no number of groups. */
const DEFAULT_SEGMENTS = 50;
/** As many columns or tokens are each a group of their own. */
const MAX_SINGLE = 512;
const COMPACTNESS = 10;

/** The score as a function of which groups of the inputs are there, and which are replaced by the baseline. */
export interface Game {
  /** Over all inputs. */
  readonly groups: number;
  /** The inputs and their own groups, numbered from `first` on. */
  readonly parts: readonly GamePart[];
  /** For `MethodContext.scores`. @param coalition 1 for each group that is there */
  changed(count: number, coalition: (index: number) => Uint8Array): ChangedValues;
  /** One map per input, each position, or value, with that of its group. */
  attribution(values: ArrayLike<number>): Pick<Attribution, 'maps' | 'isPerPosition'>;
}

export interface GamePart {
  readonly place: MaskedPlace;
  readonly groups: Groups;
  /** Number of its first group among those of all inputs. */
  readonly first: number;
}

/**
 * Divides the inputs into groups by the options `groups` and `segments`.
 * @throws Failure `wrong-shape` for a file of groups that does not fit, `bad-input` for too many groups.
 */
export async function gameOf(ctx: InputContext): Promise<Game> {
  const parts: GamePart[] = [];
  let count = 0;
  for (const place of await maskedPlaces(ctx)) {
    const part = await partOf(ctx, place, count);
    parts.push(part);
    count += part.groups.count;
  }
  if (count > MAX_GROUPS) {
    return fail(
      'bad-input',
      l10n.t('The input has {0} groups; at most {1} can be told apart.', count, MAX_GROUPS),
      {
        remedy: l10n.t('Choose fewer and larger groups.'),
      },
    );
  }
  return {
    groups: count,
    parts,
    changed: (examples, coalition) => ({
      at: parts.map(({ place }) => place.place.ref),
      count: examples,
      values(index) {
        const kept = coalition(index);
        return parts.map(({ place, groups, first }) =>
          masked(
            place,
            groupMask(groups, (group) => kept[first + group] === 1),
          ),
        );
      },
    }),
    attribution: (values) => ({
      maps: parts.map(({ place, groups, first }) =>
        overChannels(place, spread(groups, Array.from(values).slice(first, first + groups.count))),
      ),
      isPerPosition: parts.every(({ place }) => place.cells.cells === sizeOf(place.spatial)),
    }),
  };
}

/** About how many groups there will be. */
export const expectedGroups = (ctx: InputContext): number =>
  ctx.places.reduce((sum, place) => {
    const { spatial } = layoutAt(ctx.trace, place.ref);
    const cells = sizeOf(spatial);
    if (textOption(ctx, 'groups') === 'inputs') return sum + 1;
    const isSingle = textOption(ctx, 'groups') === 'auto' && isEachAlone(ctx, isDiscrete(ctx, place), cells);
    return sum + (isSingle ? cells : Math.min(cells, segmentsOf(ctx)));
  }, 0);

const isEachAlone = (ctx: InputContext, discrete: boolean, cells: number): boolean =>
  discrete && cells <= MAX_SINGLE && numberOption(ctx, 'segments') === 0;

function segmentsOf(ctx: InputContext): number {
  const segments = numberOption(ctx, 'segments');
  return segments === 0 ? DEFAULT_SEGMENTS : segments;
}

async function partOf(ctx: InputContext, place: MaskedPlace, first: number): Promise<GamePart> {
  const choice = textOption(ctx, 'groups');
  const { spatial, cells, isDiscrete: discrete } = place;
  const isImage = spatial.length === 2;
  const grid = (): Groups => gridGroups(spatial, boxSize(spatial, segmentsOf(ctx)));
  switch (choice) {
    case 'inputs':
      return { place, first, groups: { count: 1, of: new Int32Array(cells.cells) } };
    case 'grid':
      return { place, first, groups: grid() };
    case 'superpixels':
      if (isImage) return { place, first, groups: superpixels(place, segmentsOf(ctx)) };
      return fail(
        'not-applicable',
        l10n.t('Input "{0}" is not an image, so it has no superpixels.', place.place.input),
        {
          subject: place.place.input,
          remedy: l10n.t('Choose the groups "auto" or "grid".'),
        },
      );
    case 'auto':
      if (isEachAlone(ctx, discrete, cells.cells)) return { place, first, groups: singleCells(cells.cells) };
      return { place, first, groups: isImage ? superpixels(place, segmentsOf(ctx)) : grid() };
    default:
      return fromFile(place, first, choice, await ctx.readArray(choice));
  }
}

function superpixels({ value, spatial, cells }: MaskedPlace, count: number): Groups {
  const [height = 1, width = 1] = spatial;
  const { channels, channelsFirst } = cells;
  const values = channelsFirst
    ? value.values.map((_, i) => value.values[(i % channels) * cells.cells + Math.floor(i / channels)] ?? 0)
    : value.values;
  return slic(values, { height, width, channels, count, compactness: COMPACTNESS });
}

/** Groups of positions, or of single values where the file has one number for each of these. */
function fromFile(place: MaskedPlace, first: number, path: string, { shape, values }: RawMap): GamePart {
  const { cells, value } = place;
  if (!values.every(Number.isInteger)) {
    return fail('bad-input', l10n.t('Groups are given as whole numbers, and the file has others.'), {
      subject: path,
    });
  }
  if (values.length === cells.cells) return { place, first, groups: groupsByValue(values) };
  if (values.length === value.values.length) {
    const single = { cells: values.length, channels: 1, channelsFirst: false };
    return { place: { ...place, cells: single }, first, groups: groupsByValue(values) };
  }
  return fail(
    'wrong-shape',
    l10n.t(
      'The groups have the shape {0} and input "{1}" has {2}.',
      shape.join(' x '),
      place.place.input,
      value.shape.join(' x '),
    ),
    { subject: path, remedy: l10n.t('Give the number of its group for each position, or for each value.') },
  );
}
