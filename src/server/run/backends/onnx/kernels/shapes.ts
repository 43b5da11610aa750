import type { DataType } from '@tensorflow/tfjs-core';
import { sizeOf } from '../../../../../shared/model';
import { firstAxis, type GraphWriter } from '../graphWriter';
import {
  type Asked,
  type Described,
  type Kernel,
  type KernelTable,
  numbers,
  operand,
  result,
} from '../kernel';
import type { Value } from '../value';

// Kernels that move values and compute nothing.

const movable = ({ operands }: Asked): boolean =>
  operands.every(({ dtype, shape }) => dtype !== 'string' && dtype !== 'complex64' && sizeOf(shape) > 0);

const like = (value: Value, shape: readonly number[]): Described[] => [
  { shape, dtype: value.dtype as DataType },
];

/** A reshape: free as TF.js has it, and of an image of one pixel as it is with channels first. */
function writeReshape(graph: GraphWriter, x: Value, out: Value): void {
  const [, height = 0, width = 0] = x.shape;
  const isVector = x.shape.length === 4 && height * width === 1;
  const isSame = x.shape.length === out.shape.length && x.shape.every((size, i) => size === out.shape[i]);
  if (isSame) graph.defineAs(out, x);
  else if (isVector && graph.isFirst(x)) graph.definePlain(out, graph.reshape(graph.first(x), out.shape));
  else graph.definePlain(out, graph.reshape(graph.plain(x), out.shape));
}

/** The axis of an operation on several values of one rank. */
function axisOf(call: Asked, rank: number): number {
  const axis = Number(call.attributes.axis ?? 0);
  return axis < 0 ? axis + rank : axis;
}

/** Numbers by axis in the order of a channels-first image. */
const reordered = (values: readonly number[], axis: (at: number) => number): number[] => {
  const list = [...values];
  for (const [at, value] of values.entries()) list[axis(at)] = value;
  return list;
};

const paddings = ({ attributes }: Asked): [number, number][] => attributes.paddings as [number, number][];

const padding: Kernel = {
  accepts: (call) => movable(call) && operand(call, 'x').dtype === 'float32',
  outputs: (call) => {
    const x = operand(call, 'x');
    const pads = paddings(call);
    return like(
      x,
      x.shape.map((size, i) => size + (pads[i]?.[0] ?? 0) + (pads[i]?.[1] ?? 0)),
    );
  },
  write(graph, call) {
    const x = operand(call, 'x');
    const pads = paddings(call);
    graph.defineLike(result(call), [x], ([name = ''], axis) => {
      const [before, after] = [0, 1].map((side) =>
        reordered(
          pads.map((pair) => pair[side] ?? 0),
          axis,
        ),
      );
      const constant = graph.float(Number(call.attributes.constantValue ?? 0));
      return graph.add('Pad', [name, graph.whole([...(before ?? []), ...(after ?? [])]), constant]);
    });
  },
};

export const shapes: KernelTable = {
  Reshape: {
    accepts: movable,
    outputs(call) {
      const x = operand(call, 'x');
      const shape = numbers(call, 'shape');
      const known = sizeOf(shape.filter((size) => size !== -1));
      return like(
        x,
        shape.map((size) => (size === -1 ? sizeOf(x.shape) / known : size)),
      );
    },
    write: (graph, call) => writeReshape(graph, operand(call, 'x'), result(call)),
  },
  ExpandDims: {
    accepts: movable,
    outputs(call) {
      const x = operand(call, 'input');
      const dim = Number(call.attributes.dim);
      const shape = [...x.shape];
      shape.splice(dim < 0 ? dim + x.shape.length + 1 : dim, 0, 1);
      return like(x, shape);
    },
    write: (graph, call) => writeReshape(graph, operand(call, 'input'), result(call)),
  },
  Transpose: {
    accepts: movable,
    outputs(call) {
      const x = operand(call, 'x');
      return like(
        x,
        numbers(call, 'perm').map((axis) => x.shape[axis] ?? 0),
      );
    },
    write(graph, call) {
      const x = operand(call, 'x');
      graph.definePlain(
        result(call),
        graph.add('Transpose', [graph.plain(x)], { perm: numbers(call, 'perm') }),
      );
    },
  },
  Concat: {
    accepts: (call) => movable(call) && new Set(call.operands.map(({ dtype }) => dtype)).size === 1,
    outputs(call) {
      const [first] = call.operands;
      if (first === undefined) return [];
      const axis = axisOf(call, first.shape.length);
      const shape = [...first.shape];
      shape[axis] = call.operands.reduce((sum, value) => sum + (value.shape[axis] ?? 0), 0);
      return like(first, shape);
    },
    write(graph, call) {
      const out = result(call);
      const axis = axisOf(call, out.shape.length);
      graph.defineLike(out, call.operands, (names, layout) =>
        graph.add('Concat', names, { axis: layout(axis) }),
      );
    },
  },
  Pack: {
    accepts: (call) => movable(call) && new Set(call.operands.map(({ dtype }) => dtype)).size === 1,
    outputs(call) {
      const [first] = call.operands;
      if (first === undefined) return [];
      const shape = [...first.shape];
      shape.splice(axisOf(call, shape.length + 1), 0, call.operands.length);
      return like(first, shape);
    },
    write(graph, call) {
      const out = result(call);
      const axis = axisOf(call, out.shape.length);
      const single = out.shape.map((size, i) => (i === axis ? 1 : size));
      const names = call.operands.map((value) => graph.reshape(graph.plain(value), single));
      graph.definePlain(out, graph.add('Concat', names, { axis }));
    },
  },
  Unpack: {
    accepts: movable,
    outputs(call) {
      const x = operand(call, 'value');
      const axis = axisOf(call, x.shape.length);
      const shape = x.shape.filter((_, i) => i !== axis);
      return Array.from({ length: x.shape[axis] ?? 0 }, () => like(x, shape)).flat();
    },
    write(graph, call) {
      const x = operand(call, 'value');
      const axis = axisOf(call, x.shape.length);
      const ones = graph.whole(call.outputs.map(() => 1));
      const names = graph.addMany('Split', [graph.plain(x), ones], { axis }, call.outputs.length);
      for (const [i, out] of call.outputs.entries())
        graph.definePlain(out, graph.reshape(names[i] ?? '', out.shape));
    },
  },
  SplitV: {
    accepts: movable,
    outputs(call) {
      const x = operand(call, 'x');
      return splitSizes(call).flatMap((size) =>
        like(
          x,
          x.shape.map((whole, i) => (i === axisOf(call, x.shape.length) ? size : whole)),
        ),
      );
    },
    write(graph, call) {
      const x = operand(call, 'x');
      const axis = axisOf(call, x.shape.length);
      const isFirst = graph.isFirst(x);
      const names = graph.addMany(
        'Split',
        [isFirst ? graph.first(x) : graph.plain(x), graph.whole(splitSizes(call))],
        { axis: isFirst ? firstAxis(axis) : axis },
        call.outputs.length,
      );
      for (const [i, out] of call.outputs.entries()) {
        if (isFirst) graph.defineFirst(out, names[i] ?? '');
        else graph.definePlain(out, names[i] ?? '');
      }
    },
  },
  Slice: {
    accepts: (call) => movable(call) && sliceOf(call).sizes.every((size) => size > 0),
    outputs: (call) => like(operand(call, 'x'), sliceOf(call).sizes),
    write(graph, call) {
      const x = operand(call, 'x');
      const { begin, sizes } = sliceOf(call);
      const end = sizes.map((size, i) => size + (begin[i] ?? 0));
      const axes = begin.flatMap((from, i) => (from === 0 && end[i] === x.shape[i] ? [] : [i]));
      if (axes.length === 0) return graph.defineAs(result(call), x);
      graph.defineLike(result(call), [x], ([name = ''], axis) =>
        graph.add('Slice', [
          name,
          graph.whole(axes.map((at) => begin[at] ?? 0)),
          graph.whole(axes.map((at) => end[at] ?? 0)),
          graph.whole(axes.map(axis)),
        ]),
      );
    },
  },
  PadV2: padding,
  Tile: {
    accepts: movable,
    outputs(call) {
      const x = operand(call, 'x');
      const reps = numbers(call, 'reps');
      return like(
        x,
        x.shape.map((size, i) => size * (reps[i] ?? 1)),
      );
    },
    write(graph, call) {
      const reps = numbers(call, 'reps');
      graph.defineLike(result(call), [operand(call, 'x')], ([name = ''], axis) =>
        graph.add('Tile', [name, graph.whole(reordered(reps, axis))]),
      );
    },
  },
  Reverse: {
    accepts: movable,
    outputs: (call) => like(operand(call, 'x'), operand(call, 'x').shape),
    write(graph, call) {
      const x = operand(call, 'x');
      const dims = numbers(call, 'dims').map((axis) => (axis < 0 ? axis + x.shape.length : axis));
      if (dims.length === 0) return graph.defineAs(result(call), x);
      graph.defineLike(result(call), [x], ([name = ''], axis) =>
        graph.add('Slice', [
          name,
          graph.whole(dims.map(() => -1)),
          graph.whole(dims.map(() => -(2 ** 31))),
          graph.whole(dims.map(axis)),
          graph.whole(dims.map(() => -1)),
        ]),
      );
    },
  },
  GatherV2: {
    accepts: (call) =>
      movable(call) &&
      operand(call, 'indices').dtype === 'int32' &&
      Number(call.attributes.batchDims ?? 0) === 0,
    outputs(call) {
      const [x, indices] = [operand(call, 'x'), operand(call, 'indices')];
      const axis = axisOf(call, x.shape.length);
      return like(x, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)]);
    },
    write(graph, call) {
      const [x, indices] = [operand(call, 'x'), operand(call, 'indices')];
      const axis = axisOf(call, x.shape.length);
      graph.definePlain(result(call), graph.add('Gather', [graph.plain(x), graph.plain(indices)], { axis }));
    },
  },
};

/** Where a slice begins and how long it is along each axis; TF.js leaves out axes from the end and writes -1 for the rest. */
function sliceOf(call: Asked): { begin: number[]; sizes: number[] } {
  const { shape } = operand(call, 'x');
  const [from, size] = [numbers(call, 'begin'), numbers(call, 'size')];
  const begin = shape.map((_, i) => from[i] ?? 0);
  const sizes = shape.map((length, i) => {
    const asked = size[i] ?? -1;
    return asked === -1 ? length - (begin[i] ?? 0) : asked;
  });
  return { begin, sizes };
}

function splitSizes(call: Asked): number[] {
  const x = operand(call, 'x');
  const length = x.shape[axisOf(call, x.shape.length)] ?? 0;
  const { numOrSizeSplits } = call.attributes;
  if (typeof numOrSizeSplits === 'number') {
    return Array.from({ length: numOrSizeSplits }, () => length / numOrSizeSplits);
  }
  const sizes = numbers(call, 'numOrSizeSplits');
  const known = sizes.filter((size) => size !== -1).reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => (size === -1 ? length - known : size));
}
