import * as l10n from '@vscode/l10n';
import {
  eigh,
  lstsq,
  matrixRank,
  PINV_CUTOFF,
  pinv,
  qr,
  singularValues,
  svd,
} from '../linearAlgebra/decomposing';
import {
  cholesky,
  choleskyInverse,
  det,
  inv,
  logdet,
  luFactor,
  slogdet,
  solve,
  solveTriangular,
} from '../linearAlgebra/solving';
import type { Operation } from '../operation';
import { refused } from './keras3Arguments';
import type { OperationArguments, Spelling } from './spelling';

const of = (operation: (args: OperationArguments) => Operation): Spelling => ({
  parameters: ['x'],
  operation,
});
const pair = (operation: (args: OperationArguments) => Operation): Spelling => ({
  parameters: ['a', 'b'],
  operation,
});

const numberOr = (args: OperationArguments, key: string): number | null =>
  args.has(key) ? args.number(key) : null;

/** `keras.ops.linalg` by class. */
export const keras3LinearAlgebra: Readonly<Record<string, Spelling>> = {
  Inv: of(inv),
  Det: of(det),
  Slogdet: of(slogdet),
  Logdet: of(logdet),
  Cholesky: of((args) => cholesky(args.bool('upper', false))),
  CholeskyInverse: of((args) => choleskyInverse(args.bool('upper', false))),
  LuFactor: of(luFactor),
  Qr: of((args) => qr(args.choice('mode', ['reduced', 'complete'], 'reduced') === 'complete')),
  SVD: of((args) =>
    args.bool('compute_uv', true) ? svd(args.bool('full_matrices', true)) : singularValues(),
  ),
  Eigh: of(eigh),
  Eig: refused(l10n.t('its eigenvalues and eigenvectors are complex numbers.')),
  MatrixRank: of((args) => matrixRank(numberOr(args, 'tol'))),
  Pinv: of((args) => {
    const cutoff = numberOr(args, 'rcond');
    return pinv(cutoff === null ? PINV_CUTOFF : () => cutoff);
  }),
  Solve: pair(solve),
  SolveTriangular: pair((args) => solveTriangular(args.bool('lower', false) ? 'lower' : 'upper')),
  Lstsq: pair((args) => lstsq(numberOr(args, 'rcond'))),
};
