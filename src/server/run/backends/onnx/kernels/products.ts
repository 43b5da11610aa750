import { sizeOf } from '../../../../../shared/model';
import { type KernelTable, operand, result } from '../kernel';
import { broadcast } from './elementwise';

/** The last two axes, in reverse order where it is transposed. */
function matrix(shape: readonly number[], isTransposed: boolean): [number, number] {
  const [rows = 1, columns = 1] = shape.slice(-2);
  return isTransposed ? [columns, rows] : [rows, columns];
}

export const products: KernelTable = {
  BatchMatMul: {
    outputs(call) {
      const [a, b] = [operand(call, 'a'), operand(call, 'b')];
      const [rows] = matrix(a.shape, call.attributes.transposeA === true);
      const [, columns] = matrix(b.shape, call.attributes.transposeB === true);
      return [
        {
          shape: [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns],
          dtype: 'float32',
        },
      ];
    },
    work(call) {
      const a = operand(call, 'a');
      const [, depth] = matrix(a.shape, call.attributes.transposeA === true);
      return sizeOf(result(call).shape) * depth;
    },
    write(graph, call) {
      const [a, b] = [operand(call, 'a'), operand(call, 'b')];
      const [left, right] = [graph.plain(a), graph.plain(b)];
      const transA = call.attributes.transposeA === true ? 1 : 0;
      const transB = call.attributes.transposeB === true ? 1 : 0;
      if (a.shape.length === 2 && b.shape.length === 2 && transA + transB > 0) {
        graph.definePlain(result(call), graph.add('Gemm', [left, right], { transA, transB }));
        return;
      }
      const turned = (name: string, rank: number, isTransposed: number): string => {
        if (isTransposed === 0) return name;
        const perm = Array.from({ length: rank }, (_, i) => i);
        perm.splice(-2, 2, rank - 1, rank - 2);
        return graph.add('Transpose', [name], { perm });
      };
      const factors = [turned(left, a.shape.length, transA), turned(right, b.shape.length, transB)];
      graph.definePlain(result(call), graph.add('MatMul', factors));
    },
  },
};
