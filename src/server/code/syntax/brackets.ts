const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Places in a text that is read from its start to its end, of which those inside brackets fall away when the bracket is closed. */
export class PlacesOutside {
  private readonly open: { readonly bracket: string; readonly at: number }[] = [];
  /** In order. */
  readonly places: number[] = [];

  /** Whether a character is a bracket, which is noted. */
  bracket(character: string, at: number): boolean {
    const opening = CLOSING[character];
    if (opening !== undefined) this.close(opening);
    else if ('([{'.includes(character)) this.open.push({ bracket: character, at });
    else return false;
    return true;
  }

  /** A bracket that something else is closed around is never closed itself, as in `([)`. */
  private close(opening: string): void {
    const index = this.open.findLastIndex(({ bracket }) => bracket === opening);
    const at = this.open[index]?.at;
    if (at === undefined) return;
    this.open.length = index;
    while ((this.places.at(-1) ?? -1) > at) this.places.pop();
  }
}
