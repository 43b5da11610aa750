import * as l10n from '@vscode/l10n';
import { fail } from '../../../shared/errors';
import { BACKENDS, type BackendName, type BackendStatus } from '../../../shared/model';
import { hasCustomKinds } from '../../kinds/registry';
import type { Scan, ScanStep, Tensor, TF, ValueCheck } from '../../layers/kind';
import { startCpu } from './cpu';
import { measurementKey } from './measured/measurementKey';
import { type RememberedOrder, rememberedOrder } from './measured/rememberedOrder';
import { startNative } from './native';
import { type OnnxOptions, startOnnx } from './onnx/onnx';
import { startWasm, type WasmOptions } from './wasm';

/** A tensor library that is up, and why it is this one. */
export interface Runtime {
  readonly tf: TF;
  readonly status: BackendStatus;
  /** Of a backend that computes values when they are read, what it can be told beforehand. */
  readonly lazy?: LazyComputation;
}

export interface LazyComputation {
  /** Milliseconds spent on computing what was read, so far; without compiling. */
  readonly computeTime: number;
  /** Bytes of the weights that are parts of compiled graphs. */
  readonly compiledBytes: number;
  /** Marks a tensor as a weight: it becomes part of compiled graphs, which are freed with it. */
  keepConstant(tensor: Tensor): void;
  /**
   * Records some work without making it, and has those values computed together with the first one that is read which the work
   * needs of those before it.
   * @param record gives what would be read in the end; the tensors stay the caller's
   * @param isNow has them computed at once
   */
  computeAlong(record: () => Promise<readonly Tensor[]>, isNow?: boolean): Promise<void>;
  /** A tensor whose values are given later. Whoever reads it before, or what depends on it, gets an error. */
  placeholder(shape: readonly number[], dtype: Tensor['dtype']): Tensor;
  /**
   * Gives a placeholder and all its copies the values of a tensor that is computed, of the same shape and type.
   * @throws Failure of what checks them, see `whenKnown`
   */
  fill(placeholder: Tensor, values: Tensor): void;
  /** Whether reading a tensor takes no time. */
  isComputed(tensor: Tensor): boolean;
  /**
   * Makes some work, which is recorded once and then repeated for other operands of the same types and shapes. The work must depend on
   * nothing else: neither on the values of its operands nor on other tensors but weights; work that turns out to do so is made each time.
   * @param owner what the work belongs to; with `variant`, identifies the work
   * @returns new tensors, which the caller disposes
   */
  repeat(
    owner: object,
    variant: string,
    operands: readonly (Tensor | null)[],
    work: (operands: readonly (Tensor | null)[]) => readonly (Tensor | null)[],
  ): readonly (Tensor | null)[];
  /** Calls `check` with the values of a tensor, see `LayerContext.whenKnown`. */
  whenKnown(tensor: Tensor, check: ValueCheck): void;
  /** A loop over time, see `Scan`, as one piece of a graph; `null` where it cannot be. */
  scan(...loop: Parameters<Scan>): ScanStep | null;
}

export interface BackendOptions extends WasmOptions, OnnxOptions {
  readonly backend: 'auto' | BackendName;
  /** Folder of an `@tensorflow/tfjs-node` package or one that has it in `node_modules`; '' for none. */
  readonly nativePath: string;
  /** With an explicit backend that is not there: fail (command line) instead of taking the next best (editor). */
  readonly strict: boolean;
  /** The file with what was measured on this machine, which `auto` goes by; without one, by the order of `BACKENDS`. */
  readonly measuredFile?: string;
}

/**
 * Starts the best backend that is there: the fastest one that was measured on this machine, else onnx (ONNX Runtime), native
 * (`@tensorflow/tfjs-node`), wasm or cpu. Each must pass a small self-test, because a binding can load and still not work (e.g. under Electron).
 * @throws Failure `backend` when none works, or when the one asked for does not and `strict` is set.
 */
export async function startBackend(options: BackendOptions): Promise<Runtime> {
  const asked = options.backend;
  const remembered = asked === 'auto' ? remember(options) : null;
  const order =
    remembered?.order ??
    (asked === 'auto' ? BACKENDS : [asked, ...BACKENDS.filter((name) => name !== asked)]);
  const troubles: string[] = [];
  for (const name of options.strict && asked !== 'auto' ? [asked] : order) {
    try {
      const { tf, detail } = await START[name](options);
      selfTest(tf);
      if (hasCustomKinds() && name !== 'native') await registerGradients();
      const status = {
        name,
        reason: reason({ asked, remembered }, name, troubles),
        version: version(tf, detail),
      };
      const backend: object = tf.backend();
      return isLazy(backend) ? { tf, status, lazy: backend } : { tf, status };
    } catch (thrown) {
      troubles.push(
        `${name}: ${thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown)}`,
      );
    }
  }
  return fail('backend', l10n.t('No backend could be started ({0}).', troubles.join('; ')), {
    remedy:
      asked === 'native'
        ? l10n.t('Run "npm run native" in the Layerglass folder, or set layerglass.backend to auto.')
        : options.strict
          ? l10n.t('Leave out --backend, or choose wasm, which needs no installation.')
          : l10n.t('Set layerglass.backend to auto and see the Layerglass log.'),
  });
}

interface Choice {
  readonly asked: BackendOptions['backend'];
  readonly remembered: RememberedOrder | null;
}

function reason({ asked, remembered }: Choice, name: BackendName, troubles: readonly string[]): string {
  if (asked === name) return l10n.t('chosen by the setting layerglass.backend');
  const why = whyThis({ asked, remembered }, name);
  return troubles.length === 0 ? why : l10n.t('{0} ({1})', why, troubles.join('; '));
}

function whyThis({ asked, remembered }: Choice, name: BackendName): string {
  if (asked !== 'auto') return l10n.t('{0} was asked for but is not there', asked);
  if (!remembered?.measured.includes(name)) return l10n.t('the best that is there');
  return l10n.t('the fastest here, measured on {0}', remembered.date);
}

const remember = ({ measuredFile, ...circumstances }: BackendOptions): RememberedOrder | null =>
  measuredFile === undefined ? null : rememberedOrder(measuredFile, measurementKey(circumstances));

/** A tensor library that was started. */
export interface Started {
  readonly tf: TF;
  /** What the log says about it beside its version. */
  readonly detail?: string;
}

/** What starts each backend of `shared/model.ts`. */
const START: Readonly<Record<BackendName, (options: BackendOptions) => Promise<Started>>> = {
  native: async (options) => ({ tf: await startNative(options), detail: l10n.t('native TensorFlow') }),
  onnx: startOnnx,
  wasm: startWasm,
  cpu: async () => ({ tf: await startCpu() }),
};

/**
 * tfjs-core comes without the gradients of its operations, which our own layers do not use; a custom layer may.
 * The native package registers them itself.
 */
async function registerGradients(): Promise<void> {
  const { allGradients } = await import('./tensorflow');
  await allGradients();
}

/** [[1,2],[3,4]] x [5,6] and a sum over a 2 x 2 window. */
function selfTest(tf: TF): void {
  const wrong = tf.tidy(() => {
    const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6], [2, 1])).dataSync();
    const sum = tf
      .conv2d(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), tf.ones([2, 2, 1, 1]), 1, 'valid')
      .dataSync();
    return product[0] !== 17 || product[1] !== 39 || sum[0] !== 10;
  });
  if (wrong) throw new Error(l10n.t('its self-test gave wrong numbers'));
}

function version(tf: TF, detail: string | undefined): string {
  const core = `TensorFlow.js ${tf.version_core ?? ''}`.trim();
  return detail === undefined ? core : `${core}, ${detail}`;
}

const isLazy = (backend: object): backend is LazyComputation =>
  'keepConstant' in backend && 'computeAlong' in backend;
