/** Which operation runs, or how often, is decided by values (`tf.cond`, `tf.while_loop`, recurrent layers). */
const CONTROL_FLOW =
  /^(Stateless)?(If|While|Case)$|^(Ref)?(Switch|Merge|Enter|Exit|NextIteration)$|^LoopCond$|^Tensor(List|Array)/;
/** How much comes out depends on what goes in. */
const DYNAMIC =
  /^(Unique(V2)?|CombinedNonMaxSuppression|ListDiff|DynamicPartition|BooleanMask|Ragged\w*|Sparse\w*)$/;
/** Tables of words are filled by another graph before this one runs. */
const TABLES = /Table|String|Regex/;
const RANDOM = /Random|Multinomial/;

/** Why an operation of a TensorFlow graph is listed, but not computed: one sentence and what that means for the rest. */
export function whyNotComputed(op: string): string {
  return `${reason(op)} What comes before it works; what follows it is unknown.`;
}

function reason(op: string): string {
  if (CONTROL_FLOW.test(op)) {
    return `${op} is control flow: what it runs, or how often, is not decided before the model runs, which Layerglass does not follow.`;
  }
  if (DYNAMIC.test(op))
    return `How many values ${op} gives depends on what it is given, which Layerglass does not follow.`;
  if (TABLES.test(op))
    return `${op} works on texts or tables of them, which Layerglass does not read from graphs.`;
  if (RANDOM.test(op)) return `${op} is random, so that its values would be none of the model’s.`;
  return `Layerglass does not compute TensorFlow’s operation ${op}.`;
}
