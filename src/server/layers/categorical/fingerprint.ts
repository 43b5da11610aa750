/** 64-bit arithmetic that wraps around, in BigInt. */
const u64 = (x: bigint): bigint => BigInt.asUintN(64, x);
const times = (a: bigint, b: bigint): bigint => u64(a * b);
const rotate = (x: bigint, by: bigint): bigint => u64((x << (64n - by)) | (x >> by));
const shiftMix = (x: bigint): bigint => x ^ (x >> 47n);

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;

type Pair = readonly [bigint, bigint];

/** Little-endian words of a string's bytes. */
class Words {
  private readonly view: DataView;
  readonly length: number;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.length = bytes.byteLength;
  }

  at(position: number): bigint {
    return this.view.getBigUint64(position, true);
  }

  half(position: number): bigint {
    return BigInt(this.view.getUint32(position, true));
  }

  byte(position: number): bigint {
    return BigInt(this.view.getUint8(position));
  }
}

function hash16(u: bigint, v: bigint, mul: bigint): bigint {
  const a = shiftMix(times(u ^ v, mul));
  return times(shiftMix(times(v ^ a, mul)), mul);
}

function upTo16(s: Words): bigint {
  const { length } = s;
  const mul = u64(K2 + BigInt(length) * 2n);
  if (length >= 8) {
    const a = u64(s.at(0) + K2);
    const b = s.at(length - 8);
    const c = u64(times(rotate(b, 37n), mul) + a);
    const d = times(u64(rotate(a, 25n) + b), mul);
    return hash16(c, d, mul);
  }
  if (length >= 4) return hash16(u64(BigInt(length) + (s.half(0) << 3n)), s.half(length - 4), mul);
  if (length === 0) return K2;
  const y = s.byte(0) + (s.byte(length >> 1) << 8n);
  const z = BigInt(length) + (s.byte(length - 1) << 2n);
  return times(shiftMix(times(y, K2) ^ times(z, K0)), K2);
}

function upTo32(s: Words): bigint {
  const { length } = s;
  const mul = u64(K2 + BigInt(length) * 2n);
  const a = times(s.at(0), K1);
  const b = s.at(8);
  const c = times(s.at(length - 8), mul);
  const d = times(s.at(length - 16), K2);
  return hash16(
    u64(rotate(u64(a + b), 43n) + rotate(c, 30n) + d),
    u64(a + rotate(u64(b + K2), 18n) + c),
    mul,
  );
}

function upTo64(s: Words): bigint {
  const { length } = s;
  const mul = u64(K2 + BigInt(length) * 2n);
  const a = times(s.at(0), K2);
  const b = s.at(8);
  const c = times(s.at(length - 8), mul);
  const d = times(s.at(length - 16), K2);
  const y = u64(rotate(u64(a + b), 43n) + rotate(c, 30n) + d);
  const z = hash16(y, u64(a + rotate(u64(b + K2), 18n) + c), mul);
  const e = times(s.at(16), mul);
  const f = s.at(24);
  const g = times(u64(y + s.at(length - 32)), mul);
  const h = times(u64(z + s.at(length - 24)), mul);
  return hash16(u64(rotate(u64(e + f), 43n) + rotate(g, 30n) + h), u64(e + rotate(u64(f + a), 18n) + g), mul);
}

/** FarmHash's `WeakHashLen32WithSeeds` of 32 bytes from `at` on. */
function weak32(s: Words, at: number, seedA: bigint, seedB: bigint): Pair {
  const z = s.at(at + 24);
  const a = u64(seedA + s.at(at));
  const b = rotate(u64(seedB + a + z), 21n);
  const c = u64(a + s.at(at + 8) + s.at(at + 16));
  return [u64(c + z), u64(b + rotate(c, 44n) + a)];
}

interface State {
  x: bigint;
  y: bigint;
  z: bigint;
  v: Pair;
  w: Pair;
}

/** One round over the 64 bytes from `at` on; the last round uses another multiplier and weight 9. */
function round(s: Words, at: number, state: State, mul: bigint, weight: bigint): void {
  const { v, w } = state;
  const x = times(rotate(u64(state.x + state.y + v[0] + s.at(at + 8)), 37n), mul) ^ times(w[1], weight);
  const y = u64(
    times(rotate(u64(state.y + v[1] + s.at(at + 48)), 42n), mul) + times(v[0], weight) + s.at(at + 40),
  );
  const z = times(rotate(u64(state.z + w[0]), 33n), mul);
  state.v = weak32(s, at, times(v[1], mul), u64(x + w[0]));
  state.w = weak32(s, at + 32, u64(z + w[1]), u64(y + s.at(at + 16)));
  // Swap x and z.
  Object.assign(state, { x: z, y, z: x });
}

function longer(s: Words): bigint {
  const seed = 81n;
  const y = u64(seed * K1 + 113n);
  const z = times(shiftMix(u64(y * K2 + 113n)), K2);
  const state: State = { x: u64(seed * K2 + s.at(0)), y, z, v: [0n, 0n], w: [0n, 0n] };
  const rest = (s.length - 1) & 63;
  const end = s.length - 1 - rest;
  for (let at = 0; at < end; at += 64) round(s, at, state, K1, 1n);
  const mul = u64(K1 + ((state.z & 0xffn) << 1n));
  const w = u64(state.w[0] + BigInt(rest));
  const v = u64(state.v[0] + w);
  state.v = [v, state.v[1]];
  state.w = [u64(w + v), state.w[1]];
  round(s, s.length - 64, state, mul, 9n);
  return hash16(
    u64(hash16(state.v[0], state.w[0], mul) + times(shiftMix(state.y), K0) + state.z),
    u64(hash16(state.v[1], state.w[1], mul) + state.x),
    mul,
  );
}

/** `Fingerprint64` of FarmHash (Geoff Pike, Google; `farmhashna::Hash64`), which TensorFlow guarantees to be stable. */
export function fingerprint64(bytes: Uint8Array): bigint {
  const s = new Words(bytes);
  if (s.length <= 16) return upTo16(s);
  if (s.length <= 32) return upTo32(s);
  return s.length <= 64 ? upTo64(s) : longer(s);
}

/** `FingerprintCat64` of TensorFlow: combines two fingerprints in order. */
export function fingerprintCat64(first: bigint, second: bigint): bigint {
  const mul = 0xc6a4a7935bd1e995n;
  const mixed = first ^ mul ^ times(shiftMix(times(second, mul)), mul);
  return shiftMix(times(shiftMix(times(mixed, mul)), mul));
}

/** SipHash-2-4 (Aumasson and Bernstein 2012), TensorFlow's `StrongKeyedHash`. */
export function sipHash64(key: Pair, bytes: Uint8Array): bigint {
  const [k0, k1] = [u64(key[0]), u64(key[1])];
  let a = k0 ^ 0x736f6d6570736575n;
  let b = k1 ^ 0x646f72616e646f6dn;
  let c = k0 ^ 0x6c7967656e657261n;
  let d = k1 ^ 0x7465646279746573n;
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      a = u64(a + b);
      b = rotate(b, 51n) ^ a;
      a = rotate(a, 32n);
      c = u64(c + d);
      d = rotate(d, 48n) ^ c;
      a = u64(a + d);
      d = rotate(d, 43n) ^ a;
      c = u64(c + b);
      b = rotate(b, 47n) ^ c;
      c = rotate(c, 32n);
    }
  };
  // The last word contains the remaining bytes and, in its last byte, the length.
  const padded = new Uint8Array(Math.floor(bytes.length / 8) * 8 + 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  const words = new Words(padded);
  for (let at = 0; at < padded.length; at += 8) {
    const word = words.at(at);
    d ^= word;
    rounds(2);
    a ^= word;
  }
  c ^= 0xffn;
  rounds(4);
  return a ^ b ^ c ^ d;
}
