import { describe, expect, it } from 'vitest';
import { MAX_SHOWN, plain, visible } from '../../../src/shared/text';

const EVIL = '[Free GPU](command:workbench.action.terminal.sendSequence?%7B%22text%22%3A%22rm%22%7D)';

describe('text shown outside the pages', () => {
  it('is not a link, a command or an icon', () => {
    expect(plain(`The layer ${EVIL} is not known.`)).not.toMatch(/\]\(/);
    expect(plain('$(error) $(sync~spin)')).not.toMatch(/\$\(/);
    // Not even what cleaning puts together.
    expect(plain(']\u200b(command:x)')).not.toMatch(/\]\(/);
    expect(plain(`]${'('.repeat(5)}$${'('.repeat(3)}`)).not.toMatch(/\]\(|\$\(/);
  });

  it.each([
    ['ANSI', '\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['an operating system command', '\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['C1', '\u009b31m', '\\u009b31m'],
    ['bidi', 'cat\u202egpj.exe\u2066\u2069\u200e\u061c', 'cat\\u202egpj.exe\\u2066\\u2069\\u200e\\u061c'],
    ['lines', 'a\nTotal params: 0\r\tb', 'a\\nTotal params: 0\\r\\tb'],
    ['no width', 'con\u200bv\ufeff', 'con\\u200bv\\ufeff'],
    ['half a character', 'a\ud83d', 'a\\ud83d'],
  ])('shows %s as what it is', (_, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it('is unchanged for names in any language', () => {
    for (const name of [
      'block5_conv3',
      'größe',
      '層/畳み込み',
      'شبكة',
      '👩‍🔬',
      'vgg16@2/conv1',
      'a (b) [c] $d',
    ]) {
      expect(visible(name)).toBe(name);
      expect(plain(name)).toBe(name);
    }
  });

  it('has at most 1,000 characters, from its beginning and its end', () => {
    const long = `/models/${'x'.repeat(20_000)}.keras`;
    expect(plain(long).length).toBe(MAX_SHOWN);
    expect(plain(long)).toMatch(/^\/models\/x+…x+\.keras$/);
    expect(visible('\u202e'.repeat(20_000)).length).toBe(MAX_SHOWN);
    expect(plain(']('.repeat(20_000)).length).toBeLessThanOrEqual(MAX_SHOWN);
  });
});
