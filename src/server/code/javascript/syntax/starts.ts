import { PlacesOutside } from '../../syntax/brackets';
import { stringEnd } from '../../syntax/stringEnd';

const NOTABLE = /["'`/()[\]{}\n]/g;
/** Words that start a statement and continue none. */
const STARTS =
  /(?:async|class|const|export|for|function|if|import|interface|let|switch|throw|try|type|var)\b/y;
/** What a regular expression may follow; a slash after anything else divides. */
const BEFORE_PATTERN =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|do|else|in|of|void|await|yield))$/;
const PATTERN = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//y;

/** Some of the places where statements at the top of a JavaScript or TypeScript text start: at the first character of a line, after `;` or `}`. */
export function statementStarts(text: string): readonly number[] {
  const outside = new PlacesOutside();
  /** The end of the code so far, without what is between its words. */
  let before = '';
  let seen = 0;
  const note = (until: number): void => {
    const code = text.slice(seen, until).trimEnd();
    if (code !== '') before = code.slice(-10);
    seen = until;
  };
  const skip = (to: number): void => {
    NOTABLE.lastIndex = to;
    seen = to;
  };
  const templates: number[] = [];
  let depth = 0;
  NOTABLE.lastIndex = 0;
  for (let found = NOTABLE.exec(text); found !== null; found = NOTABLE.exec(text)) {
    const { 0: character, index } = found;
    note(index);
    if (character === '\n') {
      STARTS.lastIndex = index + 1;
      if (/[;}]$/.test(before) && STARTS.test(text)) outside.places.push(index + 1);
    } else if (character === '/') {
      if (text[index + 1] === '/') skip(endOf(text, '\n', index, 0));
      else if (text[index + 1] === '*') skip(endOf(text, '*/', index + 2, 2));
      else {
        PATTERN.lastIndex = index;
        if (BEFORE_PATTERN.test(before) && PATTERN.test(text)) NOTABLE.lastIndex = PATTERN.lastIndex;
      }
    } else if (character === '`' || (character === '}' && templates.at(-1) === depth)) {
      if (character === '}') templates.pop();
      const end = templateEnd(text, index + 1);
      if (text[end - 1] === '{') templates.push(depth);
      NOTABLE.lastIndex = end;
    } else if (outside.bracket(character, index)) {
      if (character === '{') depth++;
      else if (character === '}') depth--;
    } else NOTABLE.lastIndex = stringEnd(text, index, character, true);
  }
  return outside.places;
}

/** After what ends something, less `width`. */
function endOf(text: string, what: string, from: number, width: number): number {
  const end = text.indexOf(what, from);
  return end < 0 ? text.length : end + width;
}

/** After the end of a template, or of its part before `${`. */
function templateEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '`') return at + 1;
    else if (text.startsWith('${', at)) return at + 2;
  }
  return text.length;
}
