import { sizeOf } from '../../../../shared/model';
import type { KernelTable } from './kernel';
import type { Plan } from './plan';
import { type Call, type Recording, SCAN } from './value';

/** Plans of less work than this, in elementary operations, are computed by TF.js: making a session takes milliseconds. */
const WORTH_A_SESSION = 2 ** 20;
/** Calls of a plan, and their average work in elementary operations, beyond and below which it is a chain of small calls. */
const LONG_CHAIN = 1000;
const SMALL_CALL = 2 ** 16;

/**
 * A long chain of small calls, such as the steps of a recurrent layer, takes seconds to compile and is no faster: the overhead of a node
 * is that of a call.
 */
export function isWorthASession(plan: Plan, kernels: KernelTable): boolean {
  const { count, work } = sizeOfCalls(plan.calls, kernels);
  const isChain = count > LONG_CHAIN && work < count * SMALL_CALL;
  return work >= WORTH_A_SESSION && !isChain;
}

interface CallSizes {
  readonly count: number;
  /** Elementary operations. */
  readonly work: number;
}

const sizesOfRecordings = new WeakMap<Recording, CallSizes>();

/** Of the calls and those in recordings. */
function sizeOfCalls(calls: readonly Call[], kernels: KernelTable): CallSizes {
  let [count, work] = [0, 0];
  for (const call of calls) {
    const sizes = call.recording
      ? sizeOfRecorded(call, call.recording, kernels)
      : { count: 1, work: kernels[call.name]?.work?.(call) ?? outputSize(call) };
    count += sizes.count;
    work += sizes.work;
  }
  return { count, work };
}

/** In a scan, the overhead of the calls, which a graph has only once, is most of the work. */
function sizeOfRecorded(call: Call, recording: Recording, kernels: KernelTable): CallSizes {
  const { count, work } = sizeOfRecording(recording, kernels);
  if (call.name !== SCAN) return { count, work };
  const time = call.operands[Number(call.attributes.states)]?.shape[0] ?? 1;
  return { count, work: time * (work + count * SMALL_CALL) };
}

function sizeOfRecording(recording: Recording, kernels: KernelTable): CallSizes {
  const known = sizesOfRecordings.get(recording);
  if (known) return known;
  const sizes = sizeOfCalls(recording.calls, kernels);
  sizesOfRecordings.set(recording, sizes);
  return sizes;
}

const outputSize = ({ outputs }: Call): number =>
  outputs.reduce((size, { shape }) => size + sizeOf(shape), 0);
