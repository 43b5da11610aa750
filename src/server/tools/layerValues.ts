import * as z from 'zod';
import type { TensorStats } from '../../shared/model';
import * as protocol from '../../shared/protocol';
import { layerPart, runPart, withInputs } from './question';
import { tool } from './tool';

/** Exact values in one answer. */
const MAX_ROWS = 16;
const MAX_COLUMNS = 16;

export const layerValues = tool(
  {
    name: 'layer_values',
    title: 'Values of a layer',
    description:
      'Runs a model on an input and answers with the values of one layer before and after its activation: statistics (min, max, mean, NaN, zeros, dead channels, saturation), the largest values with their places, and a page of the exact values. For "what comes out of this layer", "where does NaN start", "which units are dead".',
    schema: z.strictObject({
      ...runPart,
      ...layerPart,
      stage: z
        .enum(['pre', 'post'])
        .optional()
        .describe('Of the page of exact values: before the activation or after it, which is the default.'),
      row: z.int().min(0).optional().describe('First row of the page of exact values; 0 if left out.'),
      column: z.int().min(0).optional().describe('First column of the page; 0 if left out.'),
      at: z
        .array(z.int().min(0))
        .max(16)
        .optional()
        .describe('Where the other axes of the value are fixed: one index per axis, batch first.'),
    }),
  },
  (call, { layer, stage = 'post', row = 0, column = 0, at, ...question }) =>
    withInputs(call, question, async ({ run, request, notices }) => {
      const values = await request(protocol.layerValues, { ...run, layer });
      const asked = { ...run, layer, stage, row, column, rows: MAX_ROWS, columns: MAX_COLUMNS };
      const first = await request(protocol.tensorSlice, asked);
      const { rowAxis, columnAxis } = first;
      const slice =
        at === undefined
          ? first
          : await request(protocol.tensorSlice, { ...asked, axes: { rowAxis, columnAxis, at } });
      return {
        document: {
          layer: values.layer,
          class: values.className,
          activation: values.activation,
          before: values.pre && statistics(values.pre),
          after: statistics(values.post),
          shares: values.shares,
          largest: values.top,
          exact: {
            stage: slice.stage,
            shape: slice.shape,
            axes: slice.axes,
            rows: { axis: slice.rowAxis, from: slice.row },
            columns: { axis: slice.columnAxis, from: slice.column },
            at: slice.at,
            values: slice.values,
          },
          notices: [...notices, ...values.notices],
        },
      };
    }),
);

const statistics = ({ histogram: _, ...stats }: TensorStats): object => stats;
