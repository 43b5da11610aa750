import * as z from 'zod';
import { METHOD_IDS, METHODS, type MethodId } from '../../shared/methods';
import { methodPart } from './question';
import { tool } from './tool';

export const listMethods = tool(
  {
    name: 'list_methods',
    title: 'List explanation methods',
    description:
      'Lists the methods that explain_prediction offers: what each shows, whether it explains at a layer or at the input, its cost in passes, and its paper. With "method" also the options of that one.',
    schema: z.strictObject({
      method: methodPart.optional().describe('Only this method, with its options and their ranges.'),
    }),
  },
  (_, { method }) => ({
    document: method === undefined ? { methods: METHOD_IDS.map(row) } : { ...row(method), ...more(method) },
  }),
);

const row = (id: MethodId): object => {
  const { label, group, description, scope, cost, paper } = METHODS[id];
  return { id, label, group, description, scope, cost, paper };
};

const more = (id: MethodId): object => {
  const { options, sign, display, convention } = METHODS[id];
  return { options, sign, display, ...(convention !== undefined && { convention }) };
};
