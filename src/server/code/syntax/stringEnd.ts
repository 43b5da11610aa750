/**
 * The index after a string literal. A backslash takes what follows it along, the two characters of a line end too.
 * @param from where its opening quotes start
 * @param quotes what it starts and ends with
 * @param isOneLine whether it ends with its line where its quotes are missing
 */
export function stringEnd(text: string, from: number, quotes: string, isOneLine: boolean): number {
  for (let at = from + quotes.length; at < text.length; at++) {
    if (text[at] === '\\') at += text.startsWith('\r\n', at + 1) ? 2 : 1;
    else if (text.startsWith(quotes, at)) return at + quotes.length;
    else if (isOneLine && text[at] === '\n') return at;
  }
  return text.length;
}
