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
  return `${reasonFor(op)} What comes before it works; what follows it is unknown.`;
}

function reasonFor(op: string): string {
  if (CONTROL_FLOW.test(op)) {
    return `${op} is control flow: what it runs, or how often, is not decided before the model runs, which Layerglass does not follow.`;
  }
  if (DYNAMIC.test(op))
    return `The number of values that ${op} returns depends on its input, which Layerglass does not follow.`;
  if (TABLES.test(op))
    return `${op} works on strings or lookup tables, which Layerglass does not read from graphs.`;
  if (RANDOM.test(op)) return `${op} is random, so its values would not be those of the model.`;
  return `Layerglass does not compute TensorFlow’s operation ${op}.`;
}
