import type { InputEdit } from '../../../src/shared/edits/inputEdit';
import { ok } from '../../../src/shared/errors';
import type { Explanation } from '../../../src/shared/explanation';
import type { Editable, EditableInput } from '../../../src/shared/results/editableInput';
import { binaryExplanation, bytes, explainContext, floats, sequenceExplanation } from '../canned';
import type { FakeHost } from '../pageHarness';

/** An input of each kind that can be edited, with an edit of it. */

interface Edited {
  readonly editable: Editable;
  readonly edit: InputEdit;
  readonly explanation: Explanation;
}

export const EDITED: Readonly<Record<'picture' | 'values' | 'letters' | 'text', Edited>> = {
  picture: {
    editable: { kind: 'picture', pixels: bytes([32, 32, 3], (i) => (i * 5) % 256) },
    edit: { kind: 'paint', size: [32, 32], runs: [300, 60], fill: { kind: 'mean' } },
    explanation: binaryExplanation(1),
  },
  values: {
    editable: {
      kind: 'values',
      values: floats([30, 12], (i) => i / 8),
      names: null,
      whole: false,
    },
    edit: { kind: 'values', at: [2], to: [7.5] },
    explanation: binaryExplanation(1),
  },
  letters: {
    editable: { kind: 'letters', letters: Array.from({ length: 120 }, (_, i) => 'ACGT'[i % 4] ?? '') },
    edit: { kind: 'letters', at: [2], to: ['A'] },
    explanation: sequenceExplanation(),
  },
  text: {
    editable: { kind: 'text', strings: ['xx yy zz'] },
    edit: { kind: 'text', at: 0, to: 'xx yy' },
    explanation: binaryExplanation(1),
  },
};

/** A host of the explain page whose input has an edit: the editor is open. Before the edit, the other class was predicted. */
export function editedHost({ editable, edit, explanation }: Edited): FakeHost<'explain'> {
  const context = explainContext({
    inputs: [{ kind: 'file', path: '/work/cat.png', edits: [edit] }],
  });
  const found: EditableInput = {
    editable,
    before: explanation.predictions.toReversed(),
    formats: ['png'],
  };
  return {
    ready: () => ok(context),
    editable: () => ok(found),
    explain: () => ok(explanation),
  };
}
