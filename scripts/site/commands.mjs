/** The page of all commands: of the editor, from the manifest, and of the command line, from its own tables. */
import { cell } from './messages.mjs';

const HEAD = `# Every command

Made from the manifest of the extension and from what \`layerglass --help\` prints.

## In the editor

Press Ctrl+Shift+P (Cmd+Shift+P) and type "Layerglass". A command without a tick is in the menu of a file, a revision, an editor or a row of the Layers view.

| command | in the palette | id |
|---|---|---|
`;

/** @param {import('commander').Command} command of the command line */
function commandSection(command) {
  const options = command.createHelp().visibleOptions(command);
  const rows = options.map((option) => {
    const isTold = option.defaultValue !== undefined && option.defaultValue !== false;
    const fallback = isTold
      ? `\`${option.defaultValueDescription ?? JSON.stringify(option.defaultValue)}\``
      : '';
    return `| \`${option.flags.replaceAll('|', '\\|')}\` | ${cell(option.description)} | ${fallback} |`;
  });
  return [
    `### ${command.name()}`,
    '',
    `\`${command.parent.name()} ${command.name()} ${command.usage()}\``,
    '',
    cell(command.description()),
    '',
    '| option | | default |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/**
 * @param {object} manifest of the extension
 * @param {Record<string, string>} texts what its `%keys%` stand for
 * @param {import('commander').Command} program the command line
 */
export function commandsPage(manifest, texts, program) {
  const { commands, menus } = manifest.contributes;
  const hidden = new Set(
    menus.commandPalette.filter(({ when }) => when === 'false').map((item) => item.command),
  );
  const rows = commands.map(({ command, title, category }) => {
    const text = title.replace(/^%(.*)%$/, (_, key) => texts[key]);
    return `| ${cell(`${category}: ${text}`)} | ${hidden.has(command) ? '' : '✓'} | \`${command}\` |\n`;
  });
  const sections = program.commands.map(commandSection);
  return `${HEAD}${rows.join('')}\n## On the command line\n\n[How to get and use it](cli.md).\n\n${sections.join('\n')}`;
}
