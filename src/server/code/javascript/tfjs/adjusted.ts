import * as l10n from '@vscode/l10n';
import type { Shape } from '../../../../shared/model';
import { tupleText } from '../../keras/refusals';
import { type Fix, NO_OUTCOME, type Outcome } from '../../machine';
import type { Layer } from '../../values';
import { FACTORIES } from './table';

/** Layers whose static shapes TensorFlow.js 4 computes in a way of its own, not those of the values that they give. */
const OWN_SHAPES = new Set(['Resizing', 'RandomWidth']);

/** The least number of axes that TensorFlow.js asks for, batch included. */
const LEAST_AXES: Readonly<Record<string, number>> = { Flatten: 3, Dense: 2 };

/**
 * What a call gives in TensorFlow.js, which asks for more than Keras where sizes are not known, and in some places computes other shapes.
 * Found by comparing both on 4,000 random calls.
 */
export function adjusted(layer: Layer, shapes: readonly Shape[], outcome: Outcome): Outcome {
  const [first] = shapes;
  if (first === undefined) return outcome;
  const { problem } = outcome;
  return different(
    layer,
    shapes,
    first,
    problem === null ? outcome : { ...outcome, problem: spelled(problem) },
  );
}

function different(layer: Layer, shapes: readonly Shape[], first: Shape, outcome: Outcome): Outcome {
  const refused = refusalOf(layer, first);
  if (refused !== null) return { ...NO_OUTCOME, problem: { message: refused, fixes: [] } };
  if (layer.className === 'Reshape') return reshaped(layer, first, outcome);
  return isDifferent(layer, shapes, outcome) ? NO_OUTCOME : outcome;
}

function refusalOf({ className }: Layer, shape: Shape): string | null {
  const least = Object.hasOwn(LEAST_AXES, className) ? LEAST_AXES[className] : undefined;
  if (least !== undefined && shape.length < least)
    return l10n.t(
      '{0} takes an input of at least {1} axes but gets {2}, which has {3}.',
      className,
      least,
      tupleText(shape),
      shape.length,
    );
  return className === 'Flatten' && shape.slice(1).includes(null)
    ? l10n.t('Flatten needs an input whose sizes are known but gets {0}.', tupleText(shape))
    : null;
}

/** A size that is left open stays open where the batch is. */
function reshaped(layer: Layer, [batch = null, ...rest]: Shape, outcome: Outcome): Outcome {
  const target = argument(layer, 'target_shape');
  if (!Array.isArray(target) || !target.every(Number.isSafeInteger)) return outcome;
  const sizes = target.map((size: number) => (size < 0 ? null : size));
  if (!sizes.includes(null) || ![batch, ...rest].includes(null)) return outcome;
  return { shapes: [[batch, ...sizes]], built: { weights: [], count: 0 }, multiplyAdds: 0, problem: null };
}

/** Whether the shape or the refusal of Keras does not hold. */
function isDifferent(layer: Layer, shapes: readonly Shape[], { shapes: known, built }: Outcome): boolean {
  const { className } = layer;
  const isOpen = shapes.some((shape) => shape.slice(1).includes(null));
  // Weights are made in the first call, whose sizes must be known for them.
  if (known !== null && built === null) return true;
  switch (className) {
    case 'Cropping2D':
    case 'Dot':
    case 'Concatenate':
      return isOpen;
    case 'Conv1D':
      return argument(layer, 'padding') === 'causal';
    case 'DepthwiseConv2D':
      return ![argument(layer, 'dilation_rate')].flat().every((rate) => rate === 1);
    case 'Embedding':
      return !fitsLength(argument(layer, 'input_length'), shapes[0]);
    case 'TimeDistributed':
      // It does not look at what its layer takes.
      return known === null || isOpen;
    default:
      return OWN_SHAPES.has(className);
  }
}

function fitsLength(length: unknown, shape: Shape | undefined): boolean {
  if (length === null || length === undefined) return true;
  const lengths: readonly unknown[] = Array.isArray(length) ? length : [length];
  return shape?.length === lengths.length + 1 && lengths.every((size, i) => size === shape[i + 1]);
}

/** `undefined` where it is not known. */
const argument = ({ config }: Layer, name: string): unknown =>
  Object.getOwnPropertyDescriptor(config, name)?.value;

/** A problem whose quick fixes are written as TensorFlow.js has them. */
function spelled(problem: NonNullable<Outcome['problem']>): NonNullable<Outcome['problem']> {
  const fixes = problem.fixes.map((fix): Fix => {
    if ('layer' in fix.insert) {
      const layer = factoryCall(fix.insert.layer.replace('()', ''));
      return { ...fix, title: l10n.t('Insert {0}', layer), insert: { layer } };
    }
    if (!('argument' in fix.insert)) return fix;
    const argument = fix.insert.argument.replace('=', ': ').replaceAll('"', "'");
    return { ...fix, title: l10n.t('Add {0}', argument), insert: { argument } };
  });
  return { ...problem, fixes };
}

/** Global pooling cannot do without options. */
function factoryCall(className: string): string {
  const [factory = ''] = [...FACTORIES].find(([, made]) => made.class === className) ?? [];
  return className.startsWith('Global') ? `${factory}({})` : `${factory}()`;
}
