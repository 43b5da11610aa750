/** A moment in one of the processes between a click and what it shows. */
export interface Mark {
  /** The process and what it has reached, e.g. "page: painted". */
  readonly name: string;
  /** See `now`. */
  readonly at: number;
}

/** Milliseconds since 1970, to the microsecond: comparable between the processes of one machine. */
export const now = (): number => performance.timeOrigin + performance.now();

export const mark = (name: string): Mark => ({ name, at: now() });
