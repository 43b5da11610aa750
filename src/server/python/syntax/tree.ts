import { type Tree, TreeFragment } from '@lezer/common';
import { parser } from '@lezer/python';

/** The last text without errors and its tree: most texts are the one before with a small change. */
let last: { readonly text: string; readonly tree: Tree } | null = null;

/**
 * The tree of a text, and whether it has no errors. What did not change since the last text is not parsed again, unless there
 * are errors: around them a tree depends on where the parser starts.
 */
export function treeOf(text: string): { readonly tree: Tree; readonly isWhole: boolean } {
  const quick = last === null ? null : parser.parse(text, unchanged(last.text, last.tree, text));
  const tree = quick === null || hasErrors(quick) ? parser.parse(text) : quick;
  const isWhole = tree === quick || !hasErrors(tree);
  if (isWhole) last = { text, tree };
  return { tree, isWhole };
}

function hasErrors(tree: Tree): boolean {
  let found = false;
  tree.iterate({
    enter(node) {
      if (node.type.isError) found = true;
      return !found;
    },
  });
  return found;
}

/** The parts of a tree that hold for another text. */
function unchanged(before: string, tree: Tree, after: string): readonly TreeFragment[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  )
    end++;
  const change = { fromA: start, toA: before.length - end, fromB: start, toB: after.length - end };
  return TreeFragment.applyChanges(TreeFragment.addTree(tree), [change]);
}
