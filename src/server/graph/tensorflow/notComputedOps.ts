import * as l10n from '@vscode/l10n';

/** Values decide which operations run, or how often (`tf.cond`, `tf.while_loop`, recurrent layers). */
const CONTROL_FLOW =
  /^(Stateless)?(If|While|Case)$|^(Ref)?(Switch|Merge|Enter|Exit|NextIteration)$|^LoopCond$|^Tensor(List|Array)/;
/** The sizes of the outputs depend on the values of the inputs. */
const DYNAMIC =
  /^(Unique(V2)?|CombinedNonMaxSuppression|ListDiff|DynamicPartition|BooleanMask|Ragged\w*|Sparse\w*)$/;
/** Lookup tables are filled by another graph before this one runs. */
const TABLES = /Table|String|Regex/;
const RANDOM = /Random|Multinomial/;

/** Why an operation of a TensorFlow graph is listed but not computed, and what that means for the rest: two sentences. */
export function notComputedNotice(op: string): string {
  return l10n.t('{0} What comes before it works; what follows it is unknown.', reasonFor(op));
}

function reasonFor(op: string): string {
  if (CONTROL_FLOW.test(op)) {
    return l10n.t(
      '{0} is control flow: what it runs, or how often, is not decided before the model runs, which Layerglass does not follow.',
      op,
    );
  }
  if (DYNAMIC.test(op))
    return l10n.t(
      'The number of values that {0} returns depends on its input, which Layerglass does not follow.',
      op,
    );
  if (TABLES.test(op))
    return l10n.t('{0} works on strings or lookup tables, which Layerglass does not read from graphs.', op);
  if (RANDOM.test(op)) return l10n.t('{0} is random, so its values would not be those of the model.', op);
  return l10n.t('Layerglass does not compute TensorFlow’s operation {0}.', op);
}
