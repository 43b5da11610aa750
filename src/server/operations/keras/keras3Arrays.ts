import * as l10n from '@vscode/l10n';
import { select } from '../arithmetic/selection';
import {
  bincount,
  correlate,
  geomspace,
  linspace,
  logspace,
  type Spacing,
  trapezoid,
  vander,
} from '../arithmetic/sequences';
import { corrcoef } from '../arithmetic/statistics';
import { saturateCast } from '../arithmetic/unaryFormulas';
import { cdist, cross, kron } from '../arithmetic/vectorProducts';
import { sizeOperation } from '../creation';
import { cast } from '../dtypes';
import { identity } from '../identity';
import { inTopK, multiHot } from '../manipulation/classEncoding';
import { diag, diagflat, diagonal, trace } from '../manipulation/diagonals';
import { meshgrid, unravelIndex } from '../manipulation/grids';
import { broadcastTo } from '../manipulation/reshaping';
import { rot90 } from '../manipulation/rotation';
import { arraySplit, hsplit, partSizes, split } from '../manipulation/splitting';
import { type Operation, refuse } from '../operation';
import { extractSequences } from '../spectral/framing';
import { dtypeOf, dtypeOrDefault, refused } from './keras3Arguments';
import type { OperationArguments, Spelling } from './spelling';

function spacing(args: OperationArguments): Spacing {
  if (args.bool('retstep', false)) refuse(l10n.t('it also returns its step.'));
  return {
    count: args.int('num', 50),
    endpoint: args.bool('endpoint', true),
    axis: args.int('axis', 0),
    isWhole: dtypeOrDefault(args, 'float32') === 'int32',
  };
}

const between = (operation: (args: OperationArguments) => Operation): Spelling => ({
  parameters: ['start', 'stop'],
  operation,
});

/** `np.split` along an axis: into equal parts, or at places. */
function parts(args: OperationArguments, axis: number): Operation {
  const given = args.raw('indices_or_sections');
  if (typeof given === 'number') return split(args.int('indices_or_sections'), axis);
  return split(partSizes(args.intList('indices_or_sections'), null), axis);
}

/** The ends of the whole numbers that a dtype holds, `null` for what holds all that Layerglass computes with. */
function rangeOf(dtype: string): [number, number] | null {
  const [, unsigned, bits] = /^(u?)int(8|16|32)$/.exec(dtype) ?? [];
  if (bits === undefined) return null;
  const all = 2 ** Number(bits);
  if (unsigned) return [0, Math.min(all - 1, 2 ** 31 - 1)];
  return [-all / 2, all / 2 - 1];
}

/** Less common array functions of `keras.ops`, by class. */
export const keras3Arrays: Readonly<Record<string, Spelling>> = {
  Diagonal: {
    parameters: ['x'],
    operation: (args) => diagonal(args.int('offset', 0), args.int('axis1', 0), args.int('axis2', 1)),
  },
  Trace: {
    parameters: ['x'],
    operation: (args) => trace(args.int('offset', 0), args.int('axis1', 0), args.int('axis2', 1)),
  },
  Diag: { parameters: ['x'], operation: (args) => diag(args.int('k', 0)) },
  Diagflat: { parameters: ['x'], operation: (args) => diagflat(args.int('k', 0)) },
  Rot90: {
    role: 'reshaping',
    parameters: ['array'],
    operation: (args) => rot90(args.int('k', 1), args.has('axes') ? args.intList('axes') : [0, 1]),
  },
  Cross: {
    parameters: ['x1', 'x2'],
    operation: (args) => {
      const all = args.has('axis') ? args.int('axis') : null;
      const axis = (key: string): number => all ?? args.int(key, -1);
      return cross({ a: axis('axisa'), b: axis('axisb'), c: axis('axisc') });
    },
  },
  Kron: { parameters: ['x1', 'x2'], operation: () => kron() },
  ArraySplit: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => arraySplit(args.int('indices_or_sections'), args.int('axis', 0)),
  },
  Hsplit: {
    role: 'reshaping',
    parameters: ['x'],
    operation: (args) => hsplit((axis) => parts(args, axis)),
  },
  Vsplit: { role: 'reshaping', parameters: ['x'], operation: (args) => parts(args, 0) },
  Dsplit: { role: 'reshaping', parameters: ['x'], operation: (args) => parts(args, 2) },
  Meshgrid: {
    parameters: ['*x'],
    operation: (args) => meshgrid(args.choice('indexing', ['xy', 'ij'], 'xy')),
  },
  UnravelIndex: { parameters: ['indices'], operation: (args) => unravelIndex(args.intList('shape')) },
  MultiHot: {
    parameters: ['inputs'],
    operation: (args) => {
      if (args.bool('sparse', false)) refuse(l10n.t('its result would be sparse.'));
      const classes = args.int(args.has('num_classes') ? 'num_classes' : 'num_tokens');
      return multiHot(classes, args.int('axis', -1), dtypeOrDefault(args, 'float32'));
    },
  },
  Select: {
    parameters: ['condlist', 'choicelist', 'default'],
    operation: (args) => select(args.has('default')),
  },
  ExtractSequences: {
    parameters: ['x'],
    operation: (args) => extractSequences(args.int('sequence_length'), args.int('sequence_stride')),
  },
  CDist: { parameters: ['x', 'y'], operation: () => cdist() },
  InTopK: { parameters: ['targets', 'predictions'], operation: (args) => inTopK(args.int('k')) },

  Linspace: between((args) => linspace(spacing(args))),
  Logspace: between((args) => logspace(args.number('base', 10), spacing(args))),
  Geomspace: between((args) => geomspace(spacing(args))),
  Vander: {
    parameters: ['x'],
    operation: (args) => vander(args.has('N') ? args.int('N') : null, args.bool('increasing', false)),
  },
  Trapezoid: {
    parameters: ['y'],
    operands: ['y', 'x'],
    operation: (args) => trapezoid(args.number('dx', 1), args.int('axis', -1)),
  },
  Corrcoef: { parameters: ['x'], operation: () => corrcoef() },
  Correlate: {
    parameters: ['x1', 'x2'],
    operation: (args) => correlate(args.choice('mode', ['full', 'same', 'valid'], 'valid')),
  },
  Bincount: {
    parameters: ['x'],
    operation: (args) =>
      args.has('weights') || args.bool('sparse', false)
        ? refuse(l10n.t('it counts with weights or gives a sparse result.'))
        : bincount(args.int('minlength', 0)),
  },

  Array: {
    parameters: ['x'],
    operation: (args) => {
      const to = dtypeOf(args);
      return to === null ? identity() : cast(to);
    },
  },
  Full: { parameters: ['fill_value'], operation: (args) => broadcastTo(args.intList('shape')) },
  Size: { parameters: ['x'], operation: () => sizeOperation() },
  SaturateCast: {
    parameters: ['x'],
    operation: (args) => {
      const to = dtypeOf(args) ?? args.bad('dtype', l10n.t('a dtype'), args.raw('dtype'));
      const range = rangeOf(args.string('dtype'));
      return range === null ? cast(to) : saturateCast(...range, to);
    },
  },

  View: refused(l10n.t('it reinterprets the bits of a dtype.')),
  Nonzero: refused(l10n.t('the shape of its result depends on the values.')),
  Unique: refused(l10n.t('the shape of its result depends on the values.')),
  Arange: refused(l10n.t('the shape of its result depends on the values.')),
  Map: refused(l10n.t('it contains a Python function.')),
  Scan: refused(l10n.t('it contains a Python function.')),
  AssociativeScan: refused(l10n.t('it contains a Python function.')),
  VectorizedMap: refused(l10n.t('it contains a Python function.')),
  Switch: refused(l10n.t('it contains Python functions.')),
  Cond: refused(l10n.t('it contains Python functions.')),
  WhileLoop: refused(l10n.t('it contains Python functions.')),
  ForiLoop: refused(l10n.t('it contains a Python function.')),
  JVP: refused(l10n.t('it contains a Python function.')),
  ViewAsComplex: refused(l10n.t('it gives complex numbers.')),
  ViewAsReal: refused(l10n.t('it takes complex numbers.')),
  Polar: refused(l10n.t('it gives complex numbers.')),
};
