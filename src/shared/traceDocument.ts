import type { TraceAnswer } from './tracing';

/** A trace as one JSON document: the logit and the bias of a single output unit are numbers, of several they are lists. */
export function traceDocument({ trace, check, arithmetic }: TraceAnswer): object {
  const { logit, bias, ...traced } = trace;
  return {
    ...traced,
    logit: oneOrAll(logit),
    bias: oneOrAll(bias),
    ...(check && { check }),
    ...(arithmetic && { arithmetic }),
  };
}

const oneOrAll = (list: readonly number[] | null): number | readonly number[] | null =>
  list?.length === 1 ? (list[0] ?? null) : list;
