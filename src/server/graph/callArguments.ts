/** Arguments of a call as saved, with each tensor replaced by its position among the node's inputs. */
export interface CallArguments {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** Represents a tensor inside `CallArguments`. */
export interface InputSlot {
  readonly input: number;
}
