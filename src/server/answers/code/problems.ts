import {
  type CodeAction,
  CodeActionKind,
  type Diagnostic,
  DiagnosticSeverity,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Fix, Problem } from '../../code/machine';
import type { Program } from './programs';

/** What Keras would refuse, by document of the program. */
export function diagnosticsOf(program: Program): ReadonlyMap<TextDocument, Diagnostic[]> {
  const found = new Map<TextDocument, Diagnostic[]>(program.pieces.map(({ document }) => [document, []]));
  for (const problem of program.inference.problems) {
    const place = program.placeOf(problem.at);
    if (place === null) continue;
    found.get(place.document)?.push({
      range: place.range,
      message: problem.message,
      severity: DiagnosticSeverity.Error,
      source: 'Layerglass',
    });
  }
  return found;
}

/** The edits that mend the problems at a range. */
export function fixesFor(
  program: Program,
  document: TextDocument,
  diagnostics: readonly Diagnostic[],
): CodeAction[] {
  return program.inference.problems.flatMap((problem) => {
    const place = program.placeOf(problem.at);
    const diagnostic = diagnostics.find(
      ({ message, range }) => message === problem.message && range.start.line === place?.range.start.line,
    );
    if (diagnostic === undefined || place?.document.uri !== document.uri) return [];
    return problem.fixes.flatMap((fix) => actionOf(program, document, problem, fix, diagnostic));
  });
}

function actionOf(
  program: Program,
  document: TextDocument,
  problem: Problem,
  fix: Fix,
  diagnostic: Diagnostic,
): CodeAction[] {
  const edit = editOf(program.text, fix.at ?? problem.at, fix);
  const place = edit === null ? null : program.placeOf({ from: edit.at, to: edit.to ?? edit.at });
  if (edit === null || place === null) return [];
  return [
    {
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      edit: { changes: { [document.uri]: [{ range: place.range, newText: edit.text }] } },
    },
  ];
}

/** A text in the place of another, or at a place. */
interface Edit {
  readonly at: number;
  readonly to?: number;
  readonly text: string;
}

/** @param at the call that makes the layer, or the text. */
function editOf(text: string, at: Problem['at'], { insert }: Fix): Edit | null {
  const call = text.slice(at.from, at.to);
  if ('argument' in insert) return argumentEdit(call, at, insert.argument);
  if ('text' in insert) return { at: at.from, to: at.to, text: insert.text };
  const owner = /^[\w.]*\./.exec(call)?.[0] ?? '';
  const before = text.slice(text.lastIndexOf('\n', at.from) + 1, at.from);
  const layer = `${owner}${insert.layer}`;
  if (/^\s*$/.test(before)) return { at: at.from, text: `${layer},\n${before}` };
  const added = /^(\s*)(\w+)\.add\($/.exec(before);
  const end = /^\)\s*;/.test(text.slice(at.to)) ? ';' : '';
  if (added !== null) return { at: at.from, text: `${layer})${end}\n${before}` };
  if (/[[,]\s*$/.test(before)) return { at: at.from, text: `${layer}, ` };
  // `Dense(10)(x)` or `dense({ units: 10 }).apply(x)`: the layer is called on what the new one gives.
  const [whole, start = '', name = ''] = /^(\(\s*|\.apply\(\s*)(\w+)(?=\s*\))/.exec(text.slice(at.to)) ?? [];
  if (whole === undefined) return null;
  const opening = start.startsWith('.') ? '.apply(' : '(';
  return { at: at.to + start.length, to: at.to + whole.length, text: `${layer}${opening}${name})` };
}

/** `padding="same"` takes the place of another padding, or stands behind the other arguments; in JavaScript `padding: 'same'` does. */
function argumentEdit(call: string, at: Problem['at'], argument: string): Edit | null {
  const [name = ''] = argument.split(/[=:]/);
  const written = new RegExp(`\\b${name}\\s*[=:]\\s*(["'])\\w*\\1`).exec(call);
  if (written !== null) {
    const from = at.from + written.index;
    return { at: from, to: from + written[0].length, text: argument };
  }
  const options = /^[\w.$]+\(\s*\{[\s\S]*?(,?)(\s*)\}\s*,?\s*\)$/.exec(call);
  if (options !== null && argument.includes(': ')) {
    const end = call.lastIndexOf('}') - (options[2]?.length ?? 0);
    return { at: at.from + end, text: `${options[1] ? '' : ','} ${argument}${options[1] ?? ''}` };
  }
  const end = call.lastIndexOf(')');
  return end < 0 || argument.includes(': ') ? null : { at: at.from + end, text: `, ${argument}` };
}
