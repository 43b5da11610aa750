import * as z from 'zod';
import { TOOLS } from './tools';

/** `contributes.languageModelTools` of package.json. Texts for people are in package.nls.*.json. */
export const contributedTools = (): object[] =>
  TOOLS.map(({ name, description, schema }) => {
    const { $schema: _, ...inputSchema } = z.toJSONSchema(schema);
    return {
      name: `layerglass_${name}`,
      toolReferenceName: name.replace(/_(\w)/g, (__, letter: string) => letter.toUpperCase()),
      displayName: `%tool.${name}%`,
      userDescription: `%tool.${name}.description%`,
      modelDescription: description,
      canBeReferencedInPrompt: true,
      icon: '$(layers)',
      tags: ['keras', 'tensorflow', 'layerglass'],
      inputSchema,
    };
  });
