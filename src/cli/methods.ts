import { Command } from 'commander';
import { METHOD_IDS, METHODS, type MethodOption } from '../shared/methods';
import { jsonOption } from './options';
import { printJson, printLines } from './output';

/** Lists the explanation methods with their options, from the table of methods. */
export function methodsCommand(): Command {
  return new Command('methods')
    .description('List the explanation methods, their options, their cost and their papers.')
    .addOption(jsonOption())
    .action(({ json }: { readonly json?: boolean }) => {
      const rows = METHOD_IDS.map((id) => ({ id, ...METHODS[id] }));
      if (json) return printJson(rows);
      printLines(
        rows.flatMap(({ id, label, scope, description, options, cost, paper }) => [
          `${id}  (${label}, at the ${scope})`,
          `    ${description} ${paper}.`,
          `    Cost: ${cost}.`,
          ...options.map((option) => `    ${option.name}=${valueText(option)}  ${option.description}`),
        ]),
      );
    });
}

const valueText = (option: MethodOption): string =>
  option.type === 'choice'
    ? `${option.choices.join('|')}${option.file ? '|FILE.npy' : ''}${option.maxIndex === undefined ? '' : '|N'} (default ${option.default})`
    : `${option.min}..${option.max} (default ${option.default})`;
