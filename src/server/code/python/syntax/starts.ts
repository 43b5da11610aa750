import { PlacesOutside } from '../../syntax/brackets';
import { stringEnd } from '../../syntax/stringEnd';

const NOTABLE = /["'#\\()[\]{}\n]/g;
/** What starts a line without starting a statement. */
const CONTINUES = /[ \t\f\r\n#)\]}]|(?:else|elif|except|finally)\b/y;
const AFTER_DECORATOR = /@|(?:async|class|def)\b/y;

/** Where statements at the top of a Python text start: at the first character of a line, outside brackets and strings. */
export function statementStarts(text: string): readonly number[] {
  const outside = new PlacesOutside();
  let isDecorated = false;
  const line = (at: number): void => {
    if (at >= text.length || matches(CONTINUES, text, at)) return;
    const isSame = isDecorated && matches(AFTER_DECORATOR, text, at);
    isDecorated = text[at] === '@';
    if (!isSame) outside.places.push(at);
  };
  line(0);
  NOTABLE.lastIndex = 0;
  for (let found = NOTABLE.exec(text); found !== null; found = NOTABLE.exec(text)) {
    const { 0: character, index } = found;
    if (character === '\n') line(index + 1);
    else if (character === '#') NOTABLE.lastIndex = lineEnd(text, index);
    else if (character === '\\') NOTABLE.lastIndex = index + (text.startsWith('\r\n', index + 1) ? 3 : 2);
    else if (!outside.bracket(character, index)) NOTABLE.lastIndex = literalEnd(text, index, character);
  }
  return outside.places;
}

function matches(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** In raw strings too, a backslash takes the quote after it along. */
function literalEnd(text: string, from: number, quote: string): number {
  const long = quote.repeat(3);
  return text.startsWith(long, from)
    ? stringEnd(text, from, long, false)
    : stringEnd(text, from, quote, true);
}
