import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = join(__dirname, '../../..');
/** Where everything that a user reads goes through `l10n.t`. */
const FOLDERS = ['src/webview', 'src/extension'];

/** What is shown as it is: names, formats, and what no user sees. */
const ALLOWED: ReadonlySet<string> = new Set([
  // Names of formats.
  'Keras (.keras)',
  'Keras HDF5',
  // VS Code's window for the log: a name.
  'Layerglass',
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

function hardCoded(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(join(ROOT, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
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

test('no text that a user reads is hard-coded on pages and in the extension', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  );
  expect(files.length).toBeGreaterThan(150);
  expect(files.flatMap(hardCoded)).toEqual([]);
});
