import * as l10n from '@vscode/l10n';
import { fft, fft2, ifft2, irfft, istft, rfft, type ShortTime, stft } from '../spectral/spectra';
import { constantOf } from './constants';
import type { OperationArguments, Spelling } from './spelling';

const lengthOf = (args: OperationArguments, key: string): number | null =>
  args.has(key) ? args.int(key) : null;

function shortTime(args: OperationArguments): ShortTime {
  return {
    length: args.int('sequence_length'),
    stride: args.int('sequence_stride'),
    fftLength: args.int('fft_length'),
    window: windowOf(args),
    isCentred: args.bool('center', true),
  };
}

/** Keras writes `None` for no window. */
function windowOf(args: OperationArguments): ShortTime['window'] {
  const given = args.raw('window');
  if (given === null) return null;
  if (given === undefined || typeof given === 'string')
    return args.choice<'hann' | 'hamming'>('window', ['hann', 'hamming'], 'hann');
  return constantOf(given)?.values ?? args.bad('window', l10n.t('a window'), given);
}

/** The Fourier transforms of `keras.ops` by class; complex numbers are pairs of tensors. */
export const keras3Fourier: Readonly<Record<string, Spelling>> = {
  FFT: { parameters: ['x'], operation: fft },
  FFT2: { parameters: ['x'], operation: fft2 },
  IFFT2: { parameters: ['x'], operation: ifft2 },
  RFFT: { parameters: ['x'], operation: (args) => rfft(lengthOf(args, 'fft_length')) },
  IRFFT: { parameters: ['x'], operation: (args) => irfft(lengthOf(args, 'fft_length')) },
  STFT: { parameters: ['x'], operation: (args) => stft(shortTime(args)) },
  ISTFT: { parameters: ['x'], operation: (args) => istft(shortTime(args), lengthOf(args, 'length')) },
};
