import { mutateBytes } from './mutateBytes';
import type { Random } from './random';

const CELLS = [
  ...['', '0', '-1', 'nan', '-inf', '1e999', '0x10', '1,5', '١', 'true', 'x', '"', '"a', '""', "'"],
  ...['\u0000', '\ufeff', '\u202e', 'a'.repeat(5000), '9'.repeat(400), '=1+1', '>', '>x', ';', '#'],
];
const SEPARATORS = [',', ';', '\t', '|', ' ', '\n', '\r', '\r\n', '\n\n', '\n>', '\n>seq\n', ''];
const WHOLE: readonly ((text: string) => string)[] = [
  (text) => `\ufeff${text}`,
  (text) => text.replaceAll('\n', '\r\n'),
  (text) => text.replaceAll('\n', '\r'),
  (text) => text.toLowerCase(),
  (text) => text + text,
  (text) => text.split('\n').slice(1).join('\n'),
  (text) => text.split('\n').reverse().join('\n'),
  (text) => text.replaceAll(',', ';'),
  (text) => text.replaceAll(/\s/g, ''),
  (text) => text.trimEnd(),
];

/** One random change of a table, a sequence or another text: of a cell or word, what stands between two, a line, or the whole. */
export function mutateText(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString('utf8');
  // Words at even places, what stands between them at odd ones.
  const parts = text.split(/([,;\t|\n ]+)/);
  const at = random.below(parts.length);
  const lines = text.split('\n');
  const line = random.below(lines.length);
  switch (random.below(8)) {
    case 0:
    case 1:
      parts[at] = random.pick(at % 2 === 0 ? CELLS : SEPARATORS);
      return Buffer.from(parts.join(''));
    case 2:
      parts[at] = random.pick(random.chance(0.5) ? CELLS : SEPARATORS);
      return Buffer.from(parts.join(''));
    case 3:
      lines.splice(line, 1);
      return Buffer.from(lines.join('\n'));
    case 4:
      lines.splice(line, 0, ...new Array<string>(random.pick([1, 2, 1000])).fill(lines[line] ?? ''));
      return Buffer.from(lines.join('\n'));
    case 5:
      return Buffer.from(random.pick(WHOLE)(text));
    case 6: {
      const encoding = random.pick(['utf16le', 'latin1'] as const);
      return Buffer.from(text, encoding);
    }
    default:
      return mutateBytes(bytes, random);
  }
}
