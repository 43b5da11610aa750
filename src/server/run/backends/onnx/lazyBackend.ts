import type { DataId, DataType, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs-core';
import * as l10n from '@vscode/l10n';
import { Failure, fail, stackOf } from '../../../../shared/errors';
import { sizeOf } from '../../../../shared/model';
import type { Scan, ScanStep, Tensor, TF, ValueCheck } from '../../../layers/kind';
import { MemoryFailure } from '../wasmMemory';
import { accepts, derivedName, exactNumber, isPlaceholder, numbersOf, ownerOf, record } from './calls';
import { hasOnlyFinite } from './finite';
import { HostKernels } from './hostKernels';
import { neededBy, planFor } from './plan';
import { createRecording, expand, repeat } from './recording';
import { Recordings } from './recordings';
import { computeScan, scan } from './scan';
import type { Sessions } from './sessions';
import { type Call, createValue, newestId, type Recording, SCAN, type Stored, type Value } from './value';
import { isWorthASession } from './work';

/** What is computed from weights alone is computed once, unless it is larger than this many values. */
const MAX_DERIVED = 2 ** 18;

interface Entry {
  /** The same for tensors that are copies of each other. */
  readonly value: Value;
  isWeight?: boolean;
  references: number;
}

export interface LazyOptions {
  /** Compiles everything that can be compiled, however small; for tests. */
  readonly always: boolean;
  /** Called when ONNX Runtime refuses a graph, which TF.js then computes. */
  readonly whenRefused: (why: string) => void;
}

/**
 * Creates a backend of TF.js that records the calls of kernels. Somebody who reads a value makes it compute everything that the value
 * depends on: as one ONNX graph, which is compiled once and used again for every input of the same shape. Layers, walks and
 * methods know nothing of it; what has no ONNX counterpart is computed by TF.js's own kernels at once.
 */
export function createLazyBackend(tf: TF, sessions: Sessions, options: LazyOptions) {
  const { kernels } = sessions;
  const host = new HostKernels(tf);

  class LazyBackend extends tf.KernelBackend {
    private readonly entries = new tf.DataStorage<Entry>(this, tf.engine());
    /** Values to compute along with others. */
    private readonly wanted = new WeakSet<Value>();
    private readonly recordings = new Recordings();
    /** While work is recorded to be repeated, the id of the last value before it. */
    private recordedFrom: number | null = null;
    /** Of the work that is recorded, what rejects values of its operands. */
    private recordedChecks: [value: Value, check: ValueCheck][] = [];
    /** What rejects values of placeholders. */
    private readonly checks = new WeakMap<Value, ValueCheck[]>();
    /** Whether the work that is recorded turned out to depend on more than the shapes of its operands. */
    private isSpoiled = false;

    get computeTime(): number {
      return sessions.runTime;
    }

    get compiledBytes(): number {
      return sessions.bytes;
    }

    override write(values: Stored, shape: number[], dtype: DataType): DataId {
      return this.store(createValue([...shape], dtype, values));
    }

    override move(
      dataId: DataId,
      values: Stored,
      shape: number[],
      dtype: DataType,
      references: number,
    ): void {
      this.entries.set(dataId, { value: createValue([...shape], dtype, values), references });
    }

    override refCount(dataId: DataId): number {
      return this.entries.has(dataId) ? this.entries.get(dataId).references : 0;
    }

    override incRef(dataId: DataId): void {
      this.entries.get(dataId).references++;
    }

    override disposeData(dataId: DataId, force = false): boolean {
      if (!this.entries.has(dataId)) return true;
      const entry = this.entries.get(dataId);
      entry.references--;
      if (!force && entry.references > 0) return false;
      this.entries.delete(dataId);
      if (entry.isWeight) {
        sessions.release(entry.value);
        this.recordings.release(entry.value);
      }
      return true;
    }

    override readSync(dataId: DataId): Stored {
      const { value } = this.entries.get(dataId);
      if (value.values === null) this.compute([value]);
      if (value.values === null) throw new RangeError('A value was not computed.');
      return value.values;
    }

    override read(dataId: DataId): Promise<Stored> {
      return Promise.resolve(this.readSync(dataId));
    }

    override numDataIds(): number {
      return this.entries.numDataIds();
    }

    override memory(): { unreliable: boolean } {
      return { unreliable: true };
    }

    override floatPrecision(): 16 | 32 {
      return 32;
    }

    override epsilon(): number {
      return 1e-7;
    }

    override dispose(): void {}

    /** Marks a tensor as a weight: it becomes part of compiled graphs. */
    keepConstant({ dataId }: TensorInfo): void {
      const entry = this.entries.get(dataId);
      entry.isWeight = true;
      entry.value.weight = entry.value;
    }

    /** Implements `LazyComputation`. */
    placeholder(shape: readonly number[], dtype: DataType): Tensor {
      return this.tensorOf(createValue([...shape], dtype, null));
    }

    /** Implements `LazyComputation`. */
    fill(placeholder: Tensor, { dataId }: Tensor): void {
      const { value } = this.entries.get(placeholder.dataId);
      value.values = this.entries.get(dataId).value.values;
      for (const check of this.checks.get(value) ?? []) check(numbersOf(value));
    }

    /** Implements `LazyComputation`. */
    whenKnown({ dataId }: Tensor, check: ValueCheck): void {
      this.checkWhenKnown(this.entries.get(dataId).value, check);
    }

    private checkWhenKnown(value: Value, check: ValueCheck): void {
      if (!isPlaceholder(value)) {
        if (value.values === null) this.compute([value]);
        check(numbersOf(value));
      } else if (this.recordedFrom !== null) {
        if (value.id <= this.recordedFrom) this.spoil();
        this.recordedChecks.push([value, check]);
      } else {
        this.checks.set(value, [...(this.checks.get(value) ?? []), check]);
      }
    }

    /** Implements `LazyComputation`. */
    isComputed({ dataId }: Tensor): boolean {
      return this.entries.get(dataId).value.values !== null;
    }

    /** Implements `LazyComputation`. */
    async computeAlong(record: () => Promise<readonly TensorInfo[]>, isNow = false): Promise<void> {
      const before = newestId();
      const ends = (await record()).map(({ dataId }) => this.entries.get(dataId).value);
      const needed = [...neededBy(ends, before)].filter(({ values }) => values === null);
      if (isNow && needed.length > 0) this.compute(needed);
      else for (const value of needed) this.wanted.add(value);
    }

    /** Implements `LazyComputation`. */
    repeat(
      owner: object,
      variant: string,
      operands: readonly (Tensor | null)[],
      work: (operands: readonly (Tensor | null)[]) => readonly (Tensor | null)[],
    ): readonly (Tensor | null)[] {
      if (this.recordedFrom !== null) return work(operands);
      const values = operands.map((tensor) => tensor && this.entries.get(tensor.dataId).value);
      const key = this.recordings.keyOf(owner, variant, values);
      let recording = this.recordings.get(key);
      if (recording === undefined) {
        recording = this.recordWork(operands, values, work);
        this.recordings.add(key, recording);
      }
      if (recording === null) return work(operands);
      for (const { operand, check } of recording.checks) {
        const value = values[operand];
        if (value) this.checkWhenKnown(value, check);
      }
      return repeat(recording, values).map((value) => value && this.tensorOf(value));
    }

    /** One call of a kernel, recorded or, where it cannot be part of a graph, made. */
    call(name: string, given: NamedTensorInfoMap, attributes: NamedAttrMap): TensorInfo[] {
      const inputs: Record<string, Value> = {};
      for (const [key, info] of Object.entries(given)) {
        if (!info) continue;
        const { value } = this.entries.get(info.dataId);
        // Of another run, so that it will be another one the next time.
        if (this.recordedFrom !== null && value.id <= this.recordedFrom && !value.weight) this.spoil();
        inputs[key] = value;
      }
      return this.outputsOf(name, inputs, attributes ?? {}).map((value) => this.infoOf(value));
    }

    private infoOf(value: Value): TensorInfo {
      return { dataId: this.store(value), shape: [...value.shape], dtype: value.dtype };
    }

    private tensorOf(value: Value): Tensor {
      return tf.engine().makeTensorFromTensorInfo(this.infoOf(value));
    }

    /** Implements `LazyComputation`. */
    scan(...[step, states, sequences, isReversed, operator]: Parameters<Scan>): ScanStep | null {
      // Its steps are recorded anew at each call: it is worth compiling as a part of what is repeated.
      if (this.recordedFrom === null) return null;
      const valueAt = ({ dataId }: Tensor): Value => this.entries.get(dataId).value;
      const given = [
        ...states.map(({ shape, dtype }) => createValue(shape, dtype, null)),
        ...sequences.map(({ shape, dtype }) => createValue(shape.slice(1), dtype, null)),
      ];
      const work = (operands: readonly (Tensor | null)[]): Tensor[] => {
        const tensors = operands.filter((tensor) => tensor !== null);
        const made = step(tensors.slice(0, states.length), tensors.slice(states.length));
        return [...made.states, ...made.outputs];
      };
      const recorded = this.recordWork([], given, work, true);
      // A step is not checked: its values are never known.
      if (recorded && recorded.checks.length > 0) return null;
      const own = operator && { ...operator, operands: [operator.input, ...operator.weights].map(valueAt) };
      const values =
        recorded && scan(recorded, states.map(valueAt), sequences.map(valueAt), isReversed, own ?? null);
      if (!values) return null;
      const tensors = values.map((value) => this.tensorOf(value));
      return { states: tensors.slice(0, states.length), outputs: tensors.slice(states.length) };
    }

    /**
     * @param keepsAll see `createRecording`
     * @returns `null` where the work depends on more than the shapes of its operands
     */
    private recordWork(
      operands: readonly (Tensor | null)[],
      values: readonly (Value | null)[],
      work: (operands: readonly (Tensor | null)[]) => readonly (Tensor | null)[],
      keepsAll = false,
    ): Recording | null {
      const { recordedFrom, recordedChecks, isSpoiled } = this;
      this.recordedFrom = newestId();
      this.recordedChecks = [];
      this.isSpoiled = false;
      try {
        const placeholders = values.map((value) =>
          value === null || value.weight ? null : createValue(value.shape, value.dtype, null),
        );
        const outputs: (Value | null)[] = [];
        tf.tidy(() => {
          const given = placeholders.map((value, i) =>
            value ? this.tensorOf(value) : (operands[i] ?? null),
          );
          for (const tensor of work(given)) outputs.push(tensor && this.entries.get(tensor.dataId).value);
        });
        // The work may have caught what `spoil` threw.
        if (this.isSpoiled) return null;
        return createRecording(placeholders, outputs, { checks: this.recordedChecks, keepsAll });
      } catch (thrown) {
        if (!this.isSpoiled) throw thrown;
        return null;
      } finally {
        this.recordedFrom = recordedFrom;
        this.recordedChecks = recordedChecks;
        this.isSpoiled = isSpoiled;
      }
    }

    private spoil(): never {
      this.isSpoiled = true;
      throw new RangeError('The work depends on more than the shapes of its operands.');
    }

    private failUnknown(): never {
      if (this.recordedFrom !== null) this.spoil();
      throw new RangeError('The values of an input are not known yet.');
    }

    private store(value: Value): DataId {
      const dataId = {};
      this.entries.set(dataId, { value, references: 1 });
      return dataId;
    }

    private outputsOf(
      name: string,
      inputs: Readonly<Record<string, Value>>,
      attributes: NamedAttrMap,
    ): readonly Value[] {
      const operands = Object.values(inputs);
      if (name === 'Identity') return operands;
      const owner = ownerOf(operands);
      const key = `${name}${JSON.stringify(attributes, exactNumber)}`;
      const derivedKey = owner && `${key} ${Object.keys(inputs)} ${operands.map(derivedName).join('|')}`;
      const known = derivedKey && owner.derived?.get(derivedKey);
      if (known) return known;
      const kernel = kernels[name];
      const isRecorded = kernel !== undefined && accepts(kernel, { inputs, operands, attributes });
      const outputs = isRecorded
        ? record(kernel, { name, recording: null, inputs, operands, attributes, key })
        : this.computeNow(name, inputs, attributes);
      if (owner === null || derivedKey === null) return outputs;
      if (isRecorded && outputs.every(({ shape }) => sizeOf(shape) <= MAX_DERIVED)) this.replay(outputs);
      for (const value of outputs) value.weight = owner.weight;
      owner.derived ??= new Map();
      owner.derived.set(derivedKey, outputs);
      return outputs;
    }

    private computeNow(
      name: string,
      inputs: Readonly<Record<string, Value>>,
      attributes: NamedAttrMap,
    ): Value[] {
      const unknown = Object.values(inputs).filter(({ values }) => values === null);
      if (unknown.length > 0) this.compute(unknown);
      return host
        .run(name, inputs, attributes)
        .map(({ shape, dtype, values }) => createValue(shape, dtype, values));
    }

    private compute(targets: readonly Value[]): void {
      try {
        const plan = planFor(targets, this.wanted);
        if ([...targets, ...plan.feeds].some(isPlaceholder)) this.failUnknown();
        const isWorth = options.always || sessions.has(plan) || isWorthASession(plan, kernels);
        const isComputed =
          isWorth &&
          plan.feeds.every(hasOnlyFinite) &&
          sessions.run(plan, options.whenRefused, () => targets.every(hasOnlyFinite));
        if (!isComputed) this.replay(plan.fetches);
      } catch (thrown) {
        if (thrown instanceof MemoryFailure || thrown instanceof Failure || this.isSpoiled) throw thrown;
        fail(
          'backend',
          l10n.t(
            'The model could not be computed: {0}',
            thrown instanceof Error ? thrown.message : String(thrown),
          ),
          {
            remedy: l10n.t('Choose another backend (setting layerglass.backend).'),
            stack: stackOf(thrown),
          },
        );
      }
    }

    /** Computes values by TF.js's kernels, call by call. */
    private replay(targets: readonly Value[]): void {
      const expanded = expand(targets);
      const { calls } = planFor(expanded, { has: () => false });
      const made = new Set<Value>();
      const computeCall = (call: Call): void => {
        const found =
          call.name === SCAN
            ? computeScan(call, computeCall)
            : host.run(call.name, call.inputs, call.attributes).map(({ values }) => values);
        for (const [i, values] of found.entries()) {
          const output = call.outputs[i];
          // Another output of the call may be known from before.
          if (output === undefined || output.values !== null) continue;
          output.values = values;
          made.add(output);
        }
      };
      for (const call of calls) computeCall(call);
      for (const [i, target] of targets.entries()) {
        const computed = expanded[i] ?? target;
        target.values = computed.values;
        target.origin = null;
        made.delete(target);
      }
      // Nobody asked for the values on the way.
      for (const value of made) value.values = null;
    }
  }

  return new LazyBackend();
}
