import * as z from 'zod/mini';
import { METHOD_IDS } from '../methods';
import { type Checked, index } from '../schemas';

/** Predictions that a row keeps, strongest first. */
export const TOP_PREDICTIONS = 3;

/** NaN and infinities too: what a broken model predicts. */
const anyNumber = z.custom<number>((value) => typeof value === 'number');

const prediction = z.object({
  index,
  /** Name of the class, where the model has names. */
  label: z.nullable(z.string()),
  /** As `Prediction` has it. */
  logit: anyNumber,
  probability: z.nullable(anyNumber),
});

/** A picture below the folder of the batch, never anywhere else. */
const picture = z.string().check(z.regex(/^(?:inputs|maps\/[\w+-]+)\/[^/\\]+\.(?:png|svg)$/));

/** What was measured about a map, as `Trust` has it. */
const rowTrust = z.object({
  verdict: z.enum(['believe', 'doubt', 'no-evidence']),
  reasons: z.array(z.string()),
  insertionAuc: z.nullable(anyNumber),
  deletionAuc: z.nullable(anyNumber),
  randomInsertionAuc: z.nullable(anyNumber),
  randomDeletionAuc: z.nullable(anyNumber),
  randomisation: z.nullable(anyNumber),
  otherClass: z.nullable(anyNumber),
  sensitivity: z.nullable(anyNumber),
  certainty: z.nullable(anyNumber),
  steadiness: z.nullable(anyNumber),
  completeness: z.nullable(anyNumber),
});

const rowMap = z.object({
  method: z.enum(METHOD_IDS),
  /** Files below the folder of the batch, one per input of the model that has a map: over the input, and alone. */
  overlays: z.array(picture),
  heatMaps: z.array(picture),
  /**
   * Shares of the evidence in equal parts of the first input: nine, row by row from the upper left, of an image, and three of a sequence.
   * Null for other inputs, and where the map has no evidence.
   */
  evidence: z.nullable(z.array(z.number())),
  /** Null where it was not asked for, and without a map. */
  trust: z.nullable(rowTrust),
  /** Why there is no map. */
  error: z.nullable(z.string()),
});

/** One input of a batch: a line of its journal. */
export const batchRow = z.object({
  /** Place in the list of all inputs, those of other parts included. */
  at: index,
  /** Path below the folder of inputs with slashes, and the part of the file: `cats/1.png`, `test.npz[7]`, `rows.csv#2`. Unique. */
  name: z.string(),
  /** What the output tells; null where nothing was computed. */
  kind: z.nullable(z.enum(['class', 'positions', 'number'])),
  predictions: z.array(prediction),
  /** As `InputPrediction` has it. */
  margin: z.nullable(anyNumber),
  /** Index of the true class; null where nothing says so. */
  truth: z.nullable(index),
  /** Null without a true class or a predicted one. */
  correct: z.nullable(z.boolean()),
  /** Values of the output that are NaN or infinite. */
  nonFinite: index,
  /** What the input looks like: a file below the folder, or its beginning as text. */
  picture: z.nullable(picture),
  text: z.nullable(z.string()),
  maps: z.array(rowMap),
  seconds: z.number(),
  /** Of the content of the input; null where it cannot be read. */
  content: z.nullable(z.string()),
  /** Why there is no prediction. */
  error: z.nullable(z.string()),
});

export type BatchRow = Checked<typeof batchRow>;
export type BatchMap = Checked<typeof rowMap>;
export type BatchTrust = Checked<typeof rowTrust>;

export const shard = z.object({
  /** From 1. */
  number: z.int().check(z.gte(1)),
  count: z.int().check(z.gte(1)),
});
export type Shard = Checked<typeof shard>;

/** What all rows of a batch share: the first line of its journal. */
export const batchHeader = z.object({
  layerglass: z.literal('batch'),
  version: z.literal(1),
  /** Of the content of the model and of every option that changes a row. Parts that are merged have the same. */
  digest: z.string(),
  /** Absolute path of the inputs. */
  input: z.string(),
  shard: z.nullable(shard),
  /** Name of the file or folder. */
  model: z.string(),
  inputName: z.string(),
  methods: z.array(z.enum(METHOD_IDS)),
  /** Class names of the output; empty where they are not known. */
  labels: z.array(z.string()),
  /** Sentences about the inputs, their labels and their preprocessing. */
  notices: z.array(z.string()),
});

export type BatchHeader = Checked<typeof batchHeader>;

/** The last line of a journal whose inputs are all done. */
export const batchEnd = z.object({ done: z.literal(true) });
