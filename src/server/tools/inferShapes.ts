import * as z from 'zod';
import { jsonText } from '../../shared/results/jsonText';
import { languageOfFile } from '../code/languages';
import { type InferredRow, inferRows } from '../code/rows';
import { MAX_JSON_BYTES } from '../io/limits';
import { readFile } from '../io/openFile';
import { tool } from './tool';

const MAX_PATH = 4096;
/** Characters of the rows of one answer. */
const MAX_ROWS_TEXT = 40_000;
const ADVICE = { choose: 'Choose a Python, JavaScript or TypeScript file.' };

export const inferShapes = tool(
  {
    name: 'infer_shapes',
    title: 'Shapes in Keras and TensorFlow.js code',
    description:
      'Reads a Python file that builds models with Keras, or a JavaScript or TypeScript file that does with TensorFlow.js, without running it, and lists each layer with its line, output shape and parameters, and where the shapes do not fit. For "which shape comes out of this line", "why does this model fail to build".',
    schema: z.strictObject({
      file: z
        .string()
        .min(1)
        .max(MAX_PATH)
        .describe(
          'Path of a Python, JavaScript or TypeScript file: absolute, or relative to an open folder.',
        ),
      from: z.int().min(0).optional().describe('Index of the first layer to list; 0 if left out.'),
    }),
  },
  ({ roots }, { file, from = 0 }) => {
    const path = roots.inside(file);
    const all = inferRows(readFile(path, MAX_JSON_BYTES, ADVICE).toString('utf8'), languageOfFile(path));
    const rows: InferredRow[] = [];
    let length = 0;
    for (const row of all.slice(from)) {
      length += jsonText(row).length;
      if (rows.length > 0 && length > MAX_ROWS_TEXT) break;
      rows.push(row);
    }
    const next = from + rows.length;
    return { document: { path, count: all.length, from, rows, next: next < all.length ? next : null } };
  },
);
