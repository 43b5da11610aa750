import { firstAxis, type GraphWriter } from '../graphWriter';
import { type Asked, firstOperand, type Kernel, type KernelTable, operand, result } from '../kernel';
import { ELEMENT_TYPES } from '../model';

/** The reduced axes, none negative. */
function axesOf(call: Asked): number[] {
  const x = firstOperand(call);
  // TF.js names the axes of a maximum differently.
  const axis = call.attributes.axis ?? call.attributes.reductionIndices;
  const axes =
    typeof axis === 'number' ? [axis] : Array.isArray(axis) ? axis.map(Number) : x.shape.map((_, i) => i);
  return axes.map((at) => (at < 0 ? at + x.shape.length : at));
}

type Reduce = (graph: GraphWriter, name: string, axes: string) => string;

function reduction(op: string | Reduce): Kernel {
  const reduce: Reduce =
    typeof op === 'string' ? (graph, name, axes) => graph.add(op, [name, axes], { keepdims: 1 }) : op;
  return {
    // Without axes nothing is reduced, for which ONNX and TF.js have different words.
    accepts: (call) => firstOperand(call).dtype === 'float32' && axesOf(call).length > 0,
    outputs(call) {
      const axes = axesOf(call);
      const keeps = call.attributes.keepDims === true;
      const { shape } = firstOperand(call);
      return [
        {
          shape: shape.flatMap((size, i) => (!axes.includes(i) ? [size] : keeps ? [1] : [])),
          dtype: 'float32',
        },
      ];
    },
    write(graph, call) {
      const x = firstOperand(call);
      const axes = axesOf(call);
      const isFirst = graph.isFirst(x);
      const name = isFirst ? graph.first(x) : graph.plain(x);
      const kept = reduce(graph, name, graph.whole(isFirst ? axes.map(firstAxis) : axes));
      const out = result(call);
      if (isFirst && out.shape.length === 4) return graph.defineFirst(out, kept);
      if (!isFirst)
        return graph.definePlain(
          out,
          out.shape.length === x.shape.length ? kept : graph.reshape(kept, out.shape),
        );
      // What is left of a channels-first image is in order once at most one of its spatial axes is left beside the channels.
      const rest = [0, 1, 2, 3].filter((axis) => !axes.includes(axis));
      const isOrdered = rest.every((axis, i) => i === 0 || firstAxis(rest[i - 1] ?? 0) < firstAxis(axis));
      const last = isOrdered ? kept : graph.add('Transpose', [kept], { perm: [0, 2, 3, 1] });
      graph.definePlain(out, graph.reshape(last, out.shape));
    },
  };
}

/** ONNX Runtime's maximum and minimum lose NaN. */
const keepingNaN =
  (op: string): Reduce =>
  (graph, name, axes) => {
    const nans = graph.add('Cast', [graph.add('IsNaN', [name])], { to: ELEMENT_TYPES.float32 });
    const hasNaN = graph.add('Cast', [graph.add('ReduceMax', [nans, axes], { keepdims: 1 })], {
      to: ELEMENT_TYPES.bool,
    });
    const extreme = graph.add(op, [name, axes], { keepdims: 1 });
    return graph.add('Where', [hasNaN, graph.float(Number.NaN), extreme]);
  };

export const reductions: KernelTable = {
  Sum: reduction('ReduceSum'),
  Mean: reduction('ReduceMean'),
  Max: reduction(keepingNaN('ReduceMax')),
  Min: reduction(keepingNaN('ReduceMin')),
  Prod: reduction('ReduceProd'),
  Softmax: {
    outputs: (call) => [{ shape: operand(call, 'logits').shape, dtype: 'float32' }],
    write(graph, call) {
      graph.definePlain(
        result(call),
        graph.add('Softmax', [graph.plain(operand(call, 'logits'))], { axis: -1 }),
      );
    },
  },
};
