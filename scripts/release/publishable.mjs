/**
 * `npm run publishable`: whether everything that only a publisher knows is filled in. A release runs it first; each thing that is
 * missing is a sentence, and any of them fails it.
 */
import { readFileSync } from 'node:fs';
import { inProject, main, say, Trouble } from '../lib.mjs';
import { unfilled } from './unfilled.mjs';

await main(() => {
  const manifest = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
  const found = unfilled(manifest, readFileSync(inProject('CHANGELOG.md'), 'utf8'), process.env);
  if (found.length > 0)
    throw new Trouble(
      `Nothing can be published yet (docs/publishing.md says how).\n${found.map((one) => `- ${one}`).join('\n')}`,
    );
  say(`${manifest.name} ${manifest.version} can be published as "${manifest.publisher}"`);
});
