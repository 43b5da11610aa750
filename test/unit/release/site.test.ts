import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import titles from '../../../package.nls.json' with { type: 'json' };
import { deadAnchors } from '../../../scripts/site/anchors.mjs';
import { commandsPage } from '../../../scripts/site/commands.mjs';
import { messages, messagesPage } from '../../../scripts/site/messages.mjs';
import { program } from '../../../src/cli/program';
import { RETRY_HELPS } from '../../../src/shared/errors';

const ROOT = join(__dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'layerglass-site-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));

test('every page of docs/ is in the list at the side, and everything there is a page', () => {
  const config = readFileSync(join(ROOT, 'site/.vitepress/config.mts'), 'utf8');
  const listed = [...config.matchAll(/link: '\/([\w-]+)'/g)].map(([, name]) => `${name}.md`);
  const made = ['commands.md', 'messages.md', 'samples.md', 'security.md', 'changelog.md'];
  expect([...new Set(listed)].sort()).toEqual([...docs, ...made].sort());
});

test.each([...docs, '../samples/README.md', '../SECURITY.md', '../CHANGELOG.md'])(
  '%s holds no HTML that the generator would take for its own',
  (name) => {
    const text = readFileSync(join(ROOT, 'docs', name), 'utf8');
    const plain = text.replace(/^```[\s\S]*?^```/gm, '').replace(/(`+)[\s\S]*?\1/g, '');
    const tags = [...plain.matchAll(/<\/?([a-zA-Z][\w-]*)/g)].map(([, tag]) => tag);
    expect(tags.filter((tag) => tag !== 'img' && tag !== 'br')).toEqual([]);
    expect(plain).not.toContain('{{');
  },
);

test('each kind of error has its meaning, its way out and its messages', () => {
  const all = messages();
  const page = messagesPage(Object.keys(RETRY_HELPS), all);
  for (const kind of Object.keys(RETRY_HELPS))
    expect(page).toMatch(new RegExp(`^## ${kind}\n\n.+\n\n\\*\\*Way out:\\*\\* .+$`, 'm'));
  expect(() => messagesPage(['new-kind'], all)).toThrow('new-kind');
  expect(all.length).toBeGreaterThan(350);
  // As a call, with a choice of ways out, and as a value.
  expect(all).toContainEqual({
    kind: 'bad-weights',
    text: 'The SavedModel contains no values for {0}.',
    remedies: ['Copy the whole SavedModel folder again, with its folder "variables".'],
  });
  const texts = all.map(({ text }) => text);
  expect(texts).toContain('Layerglass failed unexpectedly: {0}');
  expect(page).toContain('| There is no folder &#123;0&#125;. |');
});

test('every command of the editor and of the command line is listed', () => {
  const commandLine = program(() => {
    throw new Error('no command runs here');
  });
  const page = commandsPage(manifest, titles, commandLine);
  for (const { command } of manifest.contributes.commands) expect(page).toContain(`\`${command}\``);
  expect(page).toContain('| Layerglass: Explain Prediction | ✓ | `layerglass.explainPrediction` |');
  expect(page).toContain('| Layerglass: Copy Shape |  | `layerglass.copyShape` |');
  for (const { name, options } of commandLine.commands.map((one) => ({
    name: one.name(),
    options: one.options,
  }))) {
    expect(page).toContain(`\n### ${name}\n\n\`layerglass ${name} `);
    for (const { flags, hidden } of options)
      if (!hidden) expect(page).toContain(`| \`${flags.replaceAll('|', '\\|')}\` |`);
  }
});

test('a link to a heading that is not there is found', () => {
  mkdirSync(join(folder, 'sub'));
  writeFileSync(
    join(folder, 'a.html'),
    '<h2 id="one">x</h2><a href="#one">x</a><a href="/base/b.html#two">x</a>',
  );
  writeFileSync(
    join(folder, 'b.html'),
    '<h2 class="c" id="two">x</h2><a class="l" href="./a.html#gone">x</a>',
  );
  writeFileSync(
    join(folder, 'sub/c.html'),
    '<a href="../b.html#two">x</a><a href="https://x.y/z#gone">x</a>',
  );
  expect(deadAnchors(folder, '/base/')).toEqual(['b.html: a.html#gone']);
});
