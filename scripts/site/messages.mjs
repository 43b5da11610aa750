/** The page of all messages, with what each kind means and the way out of it, read from the source. */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { inProject, Trouble } from '../lib.mjs';

/** Of each kind of error: what it means, and what to do where the message itself does not say so. */
const KINDS = {
  'file-not-found': [
    'A file is not there.',
    'Check its name and folder; copy it again if it belongs to a model.',
  ],
  'file-unreadable': [
    'A file is there and cannot be read.',
    'Check its permissions, and that no other program holds it.',
  ],
  'empty-file': ['A file has no bytes, as after a save that was interrupted.', 'Save or copy it again.'],
  'not-a-model': [
    'A file is no model that Layerglass knows.',
    'Open a `.keras`, `.h5`, `model.json` or `saved_model.pb` file.',
  ],
  truncated: ['A file ends too early or is damaged.', 'Download or save it again.'],
  'weights-only': ['A file has weights and no layers.', 'Put the file of its model beside it, or name it.'],
  'no-weights': [
    'A file has layers and no weights.',
    'Save the whole model, or name the file of its weights.',
  ],
  'missing-shard': ['One of several files of weights is missing.', 'Copy the whole folder of the model.'],
  'path-escape': [
    'A file names another one outside of its folder, which is never followed.',
    'Move that file into the folder of the model.',
  ],
  'too-large': [
    'A file or a value is above a limit that protects the memory of the machine.',
    'Choose a smaller one.',
  ],
  'too-costly': [
    'A run would take very long, or very much memory.',
    'Choose a smaller input, or run it anyway.',
  ],
  'compute-ended': [
    'The process that computes ended in this run, for want of memory as a rule.',
    'Choose a smaller input, or run it anyway.',
  ],
  'unsupported-format': ['A file has a form that Layerglass does not read.', 'Save the model as `.keras`.'],
  'bad-config': [
    'A layer or a settings file states something that cannot be.',
    'Correct the place that the message names, or save the model again.',
  ],
  'bad-weights': [
    'Weights do not fit the layers, or are damaged.',
    'Save model and weights again, together.',
  ],
  'unknown-layer': [
    'A layer is not one of Keras, so nothing is known of what it computes.',
    'Implement it in a module of your own ([custom layers](custom-layers.md)).',
  ],
  'no-such-layer': ['The model has no layer of that name.', 'Take a path that `layerglass inspect` prints.'],
  'no-such-target': [
    'The model has no class, unit or position of that number.',
    'Take one that the message or the list of predictions names.',
  ],
  'bad-input': [
    'An input cannot be read, or does not fit what the model takes.',
    'Give an input of the kind that the message names.',
  ],
  'wrong-shape': ['Shapes do not fit.', 'Give an array of the shape that the message names.'],
  'not-applicable': [
    'What was asked has no answer for this model, layer or input.',
    'Choose another layer or method.',
  ],
  backend: [
    'A backend cannot compute this, or does not start.',
    'Choose another one with the setting `layerglass.backend`.',
  ],
  cancelled: ['You ended it.', 'Start it again.'],
  closed: ['The model was closed meanwhile.', 'Open it again.'],
  'server-ended': [
    'The server of the extension ended during a request.',
    'Try again; a new one has started.',
  ],
  'write-failed': [
    'A file could not be written.',
    'Check the folder, its permissions and the space on the disk.',
  ],
  'download-failed': [
    'TensorFlow could not be downloaded.',
    'Check the network and try again; the other backends go on working.',
  ],
  internal: [
    'Layerglass has a mistake.',
    'Report it with the log (command "Layerglass: Show Log") and the model, if you can.',
  ],
};

const HEAD = `# Messages and their way out

Every error of Layerglass, by its kind, which \`--json\` prints as \`kind\` and the log shows. This page is made from the source. Numbers in braces stand for a name or a number; what
another library says is added to some. Where a row has no way out of its own, that of its kind holds.
`;

const isText = (node) =>
  ts.isCallExpression(node) && ['l10n.t', 'sentence'].includes(node.expression.getText());

/** The plain strings that an expression may give: of a text, of both sides of a choice, of a constant of its file. */
function texts(node, constants) {
  if (node === undefined) return [];
  if (isText(node)) return texts(node.arguments[0], constants);
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node)) return texts(node.expression, constants);
  if (ts.isConditionalExpression(node))
    return [...texts(node.whenTrue, constants), ...texts(node.whenFalse, constants)];
  const constant = ts.isIdentifier(node) ? constants.get(node.text) : undefined;
  return constant === undefined ? [] : texts(constant, new Map());
}

function property(node, name) {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return undefined;
  return node.properties.find((one) => ts.isPropertyAssignment(one) && one.name.getText() === name)
    ?.initializer;
}

function constantsOf(source) {
  const declarations = source.statements
    .filter((statement) => ts.isVariableStatement(statement))
    .flatMap(({ declarationList }) => [...declarationList.declarations]);
  return new Map(
    declarations.flatMap(({ name, initializer }) => (initializer ? [[name.getText(), initializer]] : [])),
  );
}

/** `fail(kind, message, { remedy })` and `{ kind, message, remedy }` of one file. */
function messagesOf(source) {
  const constants = constantsOf(source);
  const found = [];
  const add = (kinds, message, remedy) => {
    for (const text of texts(message, constants))
      for (const kind of texts(kinds, new Map()))
        if (kind in KINDS) found.push({ kind, text, remedies: texts(remedy, constants) });
  };
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'fail') {
      const [kind, message, more] = node.arguments;
      add(kind, message, property(more, 'remedy'));
    }
    const message = property(node, 'message');
    if (message !== undefined) add(property(node, 'kind'), message, property(node, 'remedy'));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * Every error whose words stand in the source, once with each way out, in the order of the alphabet.
 * @returns {{ kind: string, text: string, remedies: string[] }[]}
 */
export function messages() {
  const found = new Map();
  for (const path of readdirSync(inProject('src'), { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue;
    const text = readFileSync(inProject('src', path), 'utf8');
    if (!text.includes('fail(') && !text.includes('message:')) continue;
    for (const message of messagesOf(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)))
      found.set(JSON.stringify(message), message);
  }
  return [...found.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}

/** A text as a cell of a table: nothing in it is read as Markdown, HTML or an expression of the generator. */
export const cell = (text) =>
  text.replace(/[\\`*_[\]<>|{}&#~]/g, (letter) => `&#${letter.charCodeAt(0)};`).replaceAll('\n', ' ');

/**
 * @param {readonly string[]} kinds all kinds of errors that there are
 * @param {ReturnType<typeof messages>} all
 * @throws {Trouble} for a kind that is not described here
 */
export function messagesPage(kinds, all) {
  const sections = kinds.map((kind) => {
    if (!(kind in KINDS))
      throw new Trouble(`Errors of the kind ${kind} have no line in scripts/site/messages.mjs.`);
    const [means, wayOut] = KINDS[kind];
    const rows = all
      .filter((message) => message.kind === kind)
      .map(({ text, remedies }) => `| ${cell(text)} | ${remedies.map(cell).join(' Or: ')} |`);
    const table = rows.length === 0 ? [] : ['', '| message | way out |', '|---|---|', ...rows];
    return [`## ${kind}`, '', means, '', `**Way out:** ${wayOut}`, ...table, ''].join('\n');
  });
  return [HEAD, ...sections].join('\n');
}
