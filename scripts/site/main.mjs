/**
 * `npm run site [-- --serve]`: builds the documentation as a site in `site/.vitepress/dist`, from `docs/` and from what is made of
 * the source; a link that leads nowhere is an error. With `--serve`, serves it while it is written.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { nodeBundle } from '../build.mjs';
import { inProject, isThere, main, npm, run, say, Trouble } from '../lib.mjs';
import { setUpNodeModules } from '../setup.mjs';
import { deadAnchors } from './anchors.mjs';
import { commandsPage } from './commands.mjs';
import { messages, messagesPage } from './messages.mjs';

const SITE = inProject('site');
const PAGES = join(SITE, 'pages');

const read = (...parts) => readFileSync(inProject(...parts), 'utf8');

/** What two modules of the source export, bundled for this process. */
async function fromSource() {
  const folder = mkdtempSync(join(tmpdir(), 'layerglass-site-'));
  try {
    const outfile = join(folder, 'source.js');
    const contents =
      "export { program } from './src/cli/program'; export { RETRY_HELPS } from './src/shared/errors';";
    const stdin = { contents, resolveDir: inProject(), loader: 'ts' };
    await build({ ...nodeBundle(folder), stdin, outfile, sourcemap: false });
    return createRequire(outfile)(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fills `site/pages`: the pages and pictures of docs/, and those that are made. */
async function writePages() {
  rmSync(PAGES, { recursive: true, force: true });
  mkdirSync(PAGES);
  cpSync(inProject('docs/images'), join(PAGES, 'images'), { recursive: true });
  mkdirSync(join(PAGES, 'public'));
  cpSync(inProject('media/icon.png'), join(PAGES, 'public/icon.png'));
  cpSync(join(SITE, 'index.md'), join(PAGES, 'index.md'));
  const { program, RETRY_HELPS } = await fromSource();
  const commandLine = program(() => {
    throw new Error('no command runs here');
  });
  const manifest = JSON.parse(read('package.json'));
  const made = {
    'commands.md': commandsPage(manifest, JSON.parse(read('package.nls.json')), commandLine),
    'messages.md': messagesPage(Object.keys(RETRY_HELPS), messages()),
    'samples.md': read('samples/README.md'),
    'security.md': read('SECURITY.md'),
    'changelog.md': read('CHANGELOG.md'),
  };
  const docs = readdirSync(inProject('docs')).filter((name) => name.endsWith('.md'));
  const pages = { ...Object.fromEntries(docs.map((name) => [name, read('docs', name)])), ...made };
  for (const [name, text] of Object.entries(pages)) {
    // Without the dot, the generator takes the source of an HTML image for a package.
    writeFileSync(join(PAGES, name), text.replaceAll('src="images/', 'src="./images/'));
  }
}

function isInstalled() {
  const { vitepress } = JSON.parse(read('site/package.json')).devDependencies;
  const manifest = 'site/node_modules/vitepress/package.json';
  return isThere(inProject(manifest)) && JSON.parse(read(manifest)).version === vitepress;
}

await main(async () => {
  setUpNodeModules();
  if (!isInstalled()) {
    say('installing the generator of the site');
    npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: SITE });
  }
  await writePages();
  const vitepress = join(SITE, 'node_modules/vitepress/bin/vitepress.js');
  const command = process.argv.includes('--serve') ? 'dev' : 'build';
  run(process.execPath, [vitepress, command, SITE], { cwd: SITE, show: true });
  if (command === 'dev') return;
  const site = join(SITE, '.vitepress/dist');
  const dead = deadAnchors(site, process.env.SITE_BASE);
  if (dead.length > 0) throw new Trouble(`Links lead to headings that are not there:\n${dead.join('\n')}`);
  say(`the site is in ${site}`);
});
