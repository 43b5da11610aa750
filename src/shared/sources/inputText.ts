import type { InputSource } from '../inputs';

/**
 * An input as it is written in one word, by `--input` and by tools: a file, one of several in it after `#` (an array of an .npz file, a
 * sequence of a FASTA file, a row of a table), or `random` with a seed.
 */
export function inputSource(text: string): InputSource {
  const random = /^random(?::(\d+))?$/.exec(text);
  if (random) return { kind: 'random', seed: Number(random[1] ?? 0) };
  const member = /^(.*\.(?:npz|fasta|fa|faa|fna|csv|tsv|json))#(.+)$/i.exec(text);
  if (member?.[1] !== undefined && member[2] !== undefined)
    return { kind: 'file', path: member[1], member: member[2] };
  return { kind: 'file', path: text };
}
