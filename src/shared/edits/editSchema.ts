import * as z from 'zod/mini';
import { MAX_TYPED_CHARACTERS } from '../sources/typedInput';
import { areFew, MAX_EDITED, MAX_EDITS, MAX_PAINTED_SIDE } from './editLimits';

/** What a user changed of an input, as it is kept with a page, sent to the server and read with `--edit`. */

const index = z.int().check(z.nonnegative());
const side = z.int().check(z.gte(1), z.lte(MAX_PAINTED_SIDE));
const level = z.int().check(z.gte(0), z.lte(255));

/** What painted pixels become. All of it is made of the picture as it was before any edit. */
const paintFill = z.union([
  /** Red, green, blue; black and the other greys too. */
  z.object({ kind: z.literal('colour'), rgb: z.tuple([level, level, level]) }),
  /** The mean of the whole picture, of each channel. */
  z.object({ kind: z.literal('mean') }),
  z.object({ kind: z.literal('blur') }),
  z.object({ kind: z.literal('noise'), seed: index }),
  /** The eraser. */
  z.object({ kind: z.literal('original') }),
]);

const paintEdit = z.object({
  kind: z.literal('paint'),
  /** Height and width of the picture as the model gets it. */
  size: z.tuple([side, side]),
  /** The painted pixels, row by row: how many are skipped and how many are painted, in turns. */
  runs: z.array(index).check(z.maxLength(MAX_EDITED)),
  fill: paintFill,
});

const valuesEdit = z
  .object({
    kind: z.literal('values'),
    /** Places in the input without its batch axis, channels last, flattened row by row. */
    at: z.array(index).check(z.maxLength(MAX_EDITED)),
    /** The values there, before preprocessing. */
    to: z.array(z.number()).check(z.maxLength(MAX_EDITED)),
  })
  .check(z.refine(({ at, to }) => at.length === to.length));

const lettersEdit = z
  .object({
    kind: z.literal('letters'),
    /** Positions of a sequence. */
    at: z.array(index).check(z.maxLength(MAX_EDITED)),
    to: z.array(z.string().check(z.refine((text) => [...text].length === 1))).check(z.maxLength(MAX_EDITED)),
  })
  .check(z.refine(({ at, to }) => at.length === to.length));

const textEdit = z.object({
  kind: z.literal('text'),
  /** Which of the input's strings. */
  at: index,
  to: z.string().check(z.maxLength(MAX_TYPED_CHARACTERS)),
});

export const inputEdit = z.union([paintEdit, valuesEdit, lettersEdit, textEdit]);

/** Applied one after the other. */
export const inputEdits = z.array(inputEdit).check(z.maxLength(MAX_EDITS), z.refine(areFew));
