import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = join(__dirname, '../../..');
/** Where everything that a user reads goes through `l10n.t`. */
const FOLDERS = ['src/webview', 'src/extension'];
/** Of the server: no text at all is hard-coded there, but for those below. */
const SERVER_FOLDERS = [
  ...['answers', 'compute', 'explain', 'formats', 'graph', 'inputs', 'inspect', 'io'],
  ...['code', 'layers', 'operations', 'run', 'session', 'tracing'],
  ...['batch', 'kinds', 'labels', 'language'],
].map((folder) => `src/server/${folder}`);
/** What they write is read as a file or on the command line, in English. */
const WRITTEN: ReadonlySet<string> = new Set([
  'src/server/answers/compare/modelLines.ts',
  ...['checkRows', 'mergeBatches', 'methodOptions', 'report', 'shards'].map(
    (name) => `src/server/batch/${name}.ts`,
  ),
]);

/** What is shown as it is: names, formats, and what no user sees. */
const ALLOWED: ReadonlySet<string> = new Set([
  // Names of formats.
  'Keras (.keras)',
  'Keras HDF5',
  // VS Code's window for the log: a name.
  'Layerglass',
]);
const ALLOWED_IN_SERVER: ReadonlySet<string> = new Set([
  // Values in results, of which sentences are made: groups of methods, places of a target, names of axes.
  'Class activation',
  'step {}',
  '{}, {} to {}, {}',
  'axis {}',
  // Names of methods, operators and arguments of Python.
  'Guided backpropagation',
  'Guided Grad-CAM',
  'is not',
  'not in',
  'valid, same',
  // A way to resize, looked up by its name.
  'bilinear from corners',
  // Names with a version, units, marks in the log.
  'TensorFlow.js {}',
  '{} {} ms',
  'compute: {}',
]);

/** Properties that are shown or read aloud. */
const SHOWN =
  /^(label|title|placeholder|placeHolder|prompt|message|remedy|tooltip|detail|description|openLabel|saveLabel|heading|alt|aria-(label|description|valuetext))$/;
/** Functions whose first argument is shown. */
const SHOWS =
  /(^|\.)(field|combobox|segments|menuButton|histogramChart|confirm|withProgress|tooLargeToDrop)$/;

/** Words, in a language: not a name such as `grad-cam`, a class or an address. */
const isText = (text: string): boolean =>
  /\p{L}{2,}/u.test(text) && (/\p{L} \S|\S \p{L}/u.test(text) || /^\p{Lu}\p{Ll}+…?$/u.test(text));

/** The texts of a string or of the fixed parts of a template. */
function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' ');
}

/** Whether what a string is part of is shown to the user. */
function isShown(node: ts.Node): boolean {
  const { parent } = node;
  if (
    ts.isParenthesizedExpression(parent) ||
    (ts.isConditionalExpression(parent) && parent.condition !== node) ||
    (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
  )
    return isShown(parent);
  if (ts.isPropertyAssignment(parent) && parent.initializer === node)
    return SHOWN.test(ts.isComputedPropertyName(parent.name) ? '' : parent.name.text);
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken)
    return (
      parent.right === node &&
      ts.isPropertyAccessExpression(parent.left) &&
      /^(textContent|title|placeholder|text|detail|tooltip|name|label|message|description)$/.test(
        parent.left.name.text,
      )
    );
  if (!ts.isCallExpression(parent)) return false;
  const callee = parent.expression.getText();
  const given: readonly ts.Node[] = parent.arguments;
  const place = given.indexOf(node);
  if (callee === 'el' || callee === 'svg') return place >= 2;
  if (callee === 'fill' || /\.(append|prepend)$/.test(callee)) return true;
  if (callee === 'fail' || callee === 'notify') return place >= 1;
  return place === 0 && SHOWS.test(callee);
}

/** A phrase: words, or a word and a value, with a space between them. */
const isPhrase = (text: string): boolean =>
  /\p{L}{2,}/u.test(text) && /\p{L}[,.:;]? [\p{L}{"(]|[}")] \p{L}{2,}/u.test(text);

/** What no user sees: names of types, the log, words in one string, and what only a mistake of a programmer reaches. */
function isInternal(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return true;
  if (ts.isNewExpression(node)) return /Error$/.test(node.expression.getText());
  if (!ts.isCallExpression(node)) return false;
  const callee = node.expression.getText();
  if (/(^|\.)(log|warn|write|reach|repeatWork|endProcess|wrapEach)$|['"]\s*\.split$/.test(callee))
    return true;
  const [kind] = node.arguments;
  return callee === 'fail' && kind !== undefined && ts.isStringLiteral(kind) && kind.text === 'internal';
}

const sourceOf = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true);

/** All phrases of a file that do not go through `l10n.t`. */
function phrases(file: string): string[] {
  const source = sourceOf(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isInternal(node)) return;
    if (ts.isCallExpression(node) && node.expression.getText() === 'l10n.t') {
      for (const value of node.arguments.slice(1)) visit(value);
      return;
    }
    const text = ts.isTemplateExpression(node)
      ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('{}')
      : textOf(node);
    if (text !== null && isPhrase(text) && !ALLOWED_IN_SERVER.has(text))
      found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${text}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function hardCoded(file: string): string[] {
  const source = sourceOf(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const text = textOf(node);
    if (text !== null && isText(text) && !ALLOWED.has(text.trim()) && isShown(node))
      found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${text}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const sources = (folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  );

test('no text that a user reads is hard-coded on pages and in the extension', () => {
  const files = sources(FOLDERS);
  expect(files.length).toBeGreaterThan(150);
  expect(files.flatMap(hardCoded)).toEqual([]);
});

test('no sentence is hard-coded in the server', () => {
  const files = sources(SERVER_FOLDERS).filter((file) => !WRITTEN.has(file));
  expect(files.length).toBeGreaterThan(500);
  expect(files.flatMap(phrases)).toEqual([]);
});
