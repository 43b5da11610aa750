/**
 * LZMA as zip archives hold it, without an end marker, which Python's encoder always writes: literals only, with no context and
 * even chances that adapt as the specification says.
 */
export function lzmaLiterals(bytes: Uint8Array): Buffer {
  const out: number[] = [];
  const matches = new Uint16Array(12 * 16).fill(1024);
  const literals = new Uint16Array(0x300).fill(1024);
  let low = 0n;
  let range = 0xffffffff;
  let cached = 0;
  let cachedCount = 1;
  const shiftLow = (): void => {
    if (low < 0xff000000n || low > 0xffffffffn) {
      const carry = Number(low >> 32n);
      for (; cachedCount > 0; cachedCount--) {
        out.push((cached + carry) & 0xff);
        cached = 0xff;
      }
      cached = Number((low >> 24n) & 0xffn);
    }
    cachedCount += 1;
    low = (low & 0xffffffn) << 8n;
  };
  const encode = (table: Uint16Array, index: number, bit: number): void => {
    const chance = table[index] ?? 0;
    const bound = (range >>> 11) * chance;
    if (bit === 0) range = bound;
    else {
      low += BigInt(bound);
      range -= bound;
    }
    table[index] = bit === 0 ? chance + ((2048 - chance) >> 5) : chance - (chance >> 5);
    while (range < 2 ** 24) {
      range = (range << 8) >>> 0;
      shiftLow();
    }
  };
  for (const byte of bytes) {
    encode(matches, 0, 0);
    let node = 1;
    for (let at = 7; at >= 0; at--) {
      const bit = (byte >> at) & 1;
      encode(literals, node, bit);
      node = node * 2 + bit;
    }
  }
  for (let i = 0; i < 5; i++) shiftLow();
  const header = [9, 20, 5, 0, 0, 0, 0, 1, 0];
  return Buffer.from([...header, ...out]);
}
