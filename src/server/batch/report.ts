import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { BatchReport } from '../../shared/batch/batchReport';
import { packNumbers } from '../../shared/wireNumbers';
import { readFile } from '../io/openFile';
import type { BatchRecord } from './journal';

const MAX_BUNDLE_BYTES = 8 * 2 ** 20;

/**
 * A page that opens from disk, without a server or the network: its script, style and data are inside, and its pictures are files beside it,
 * which it loads when they come into view.
 * @param bundles folder of the page's script and style; the build puts it beside the bundle of this code
 */
export function reportHtml({ header, rows }: BatchRecord, bundles = join(__dirname, 'report')): string {
  const report: BatchReport = {
    model: header.model,
    input: header.inputName,
    methods: header.methods,
    labels: header.labels,
    notices: header.notices,
    rows: rows.map(({ at: _, seconds: __, content: ___, ...row }) => row),
  };
  const language = languageOf(process.env.LAYERGLASS_TRANSLATIONS);
  const script = bundle(bundles, 'report.js');
  const style = bundle(bundles, 'report.css');
  const policy = [
    "default-src 'none'",
    "img-src 'self' file: data:",
    `script-src '${hashOf(script)}'`,
    // Sizes and places of what is drawn are set by the script.
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="${language.code}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(`${header.inputName}: ${header.model}`)}</title>
<style>${style}</style>
</head>
<body>
${
  language.texts === null
    ? ''
    : `<script type="application/json" id="translations">${inScript(language.texts)}</script>
`
}<noscript>This report needs JavaScript, which is inside this file. The same rows are in predictions.csv.</noscript>
<script type="application/json" id="report">${inScript(JSON.stringify(packNumbers(report)))}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** The page reads its texts from the document, as those of the editor do. @param file names the language; English without one */
function languageOf(file: string | undefined): { readonly code: string; readonly texts: string | null } {
  const code = /bundle\.l10n\.([\w-]+)\.json$/.exec(file ?? '')?.[1];
  if (file === undefined || code === undefined) return { code: 'en', texts: null };
  return { code, texts: readFile(file, MAX_BUNDLE_BYTES).toString('utf8') };
}

/** A bundle of the page, which must not end its element early. */
const bundle = (folder: string, name: string): string =>
  readFile(join(folder, name), MAX_BUNDLE_BYTES)
    .toString('utf8')
    .replace(/<\/(script|style)/gi, '<\\/$1');

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** JSON in which nothing ends or opens an element or a comment. */
const inScript = (json: string): string =>
  json.replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
