/** A sequence of complex numbers. */
export interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

export const complexZeros = (length: number): Complex => ({
  real: new Float64Array(length),
  imaginary: new Float64Array(length),
});

/**
 * The discrete Fourier transform of any length, in place: x[k] becomes the sum of x[n] exp(-2 pi i k n / N), or, with
 * `direction` 1, of x[n] exp(2 pi i k n / N); neither is divided by N.
 */
export function fourier(x: Complex, direction: -1 | 1): void {
  const { length } = x.real;
  if (length < 2) return;
  if ((length & (length - 1)) === 0) byHalves(x, direction);
  else byChirp(x, direction);
}

/** Elementary steps of one transform. */
export function fourierWork(length: number): number {
  const isPower = (length & (length - 1)) === 0;
  const inside = isPower ? length : 2 ** Math.ceil(Math.log2(2 * length));
  return (isPower ? 5 : 15) * inside * Math.max(1, Math.log2(inside));
}

/** The Cooley-Tukey algorithm, for powers of two. */
function byHalves({ real, imaginary }: Complex, direction: -1 | 1): void {
  const { length } = real;
  for (let i = 1, j = 0; i < length; i++) {
    let bit = length >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [real[i], real[j]] = [real[j] ?? 0, real[i] ?? 0];
    [imaginary[i], imaginary[j]] = [imaginary[j] ?? 0, imaginary[i] ?? 0];
  }
  const cosines = Float64Array.from({ length: length / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / length));
  const sines = cosines.map((_, k) => direction * Math.sin((2 * Math.PI * k) / length));
  for (let size = 2; size <= length; size *= 2) {
    const stride = length / size;
    for (let start = 0; start < length; start += size) {
      for (let k = 0; k < size / 2; k++) {
        const [low, high] = [start + k, start + k + size / 2];
        const [c, s] = [cosines[k * stride] ?? 0, sines[k * stride] ?? 0];
        const [x, y] = [real[high] ?? 0, imaginary[high] ?? 0];
        const [turnedX, turnedY] = [x * c - y * s, x * s + y * c];
        const [keptX, keptY] = [real[low] ?? 0, imaginary[low] ?? 0];
        real[low] = keptX + turnedX;
        imaginary[low] = keptY + turnedY;
        real[high] = keptX - turnedX;
        imaginary[high] = keptY - turnedY;
      }
    }
  }
}

/** Bluestein's algorithm: any length as a convolution, by transforms of a power of two. */
function byChirp({ real, imaginary }: Complex, direction: -1 | 1): void {
  const { length } = real;
  const size = 2 ** Math.ceil(Math.log2(2 * length - 1));
  // n^2 modulo 2N: large angles would lose digits.
  const angles = Float64Array.from(
    { length },
    (_, n) => (direction * Math.PI * ((n * n) % (2 * length))) / length,
  );
  const [a, b] = [complexZeros(size), complexZeros(size)];
  for (let n = 0; n < length; n++) {
    const [c, s] = [Math.cos(angles[n] ?? 0), Math.sin(angles[n] ?? 0)];
    a.real[n] = (real[n] ?? 0) * c - (imaginary[n] ?? 0) * s;
    a.imaginary[n] = (real[n] ?? 0) * s + (imaginary[n] ?? 0) * c;
    for (const place of n === 0 ? [0] : [n, size - n]) {
      b.real[place] = c;
      b.imaginary[place] = -s;
    }
  }
  byHalves(a, -1);
  byHalves(b, -1);
  for (let k = 0; k < size; k++) {
    const [x, y, c, s] = [a.real[k] ?? 0, a.imaginary[k] ?? 0, b.real[k] ?? 0, b.imaginary[k] ?? 0];
    a.real[k] = x * c - y * s;
    a.imaginary[k] = x * s + y * c;
  }
  byHalves(a, 1);
  for (let n = 0; n < length; n++) {
    const [c, s] = [Math.cos(angles[n] ?? 0), Math.sin(angles[n] ?? 0)];
    const [x, y] = [(a.real[n] ?? 0) / size, (a.imaginary[n] ?? 0) / size];
    real[n] = x * c - y * s;
    imaginary[n] = x * s + y * c;
  }
}
