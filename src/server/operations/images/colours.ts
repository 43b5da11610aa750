import * as l10n from '@vscode/l10n';
import { steps } from '../arithmetic/formulaSteps';
import { formula } from '../compound';
import { constant } from '../creation';
import { floats, type HostArray, hostOperation, zerosLike } from '../hostOperation';
import { reshape } from '../manipulation/reshaping';
import { normalizeAxis, type Operation, operandAt, refuse } from '../operation';
import type { ChannelsFirst } from './layout';

/** The largest and the smallest channel of a pixel; ties as in TensorFlow. */
function order(r: number, g: number, b: number): { largest: 0 | 1 | 2; smallest: 0 | 1 | 2 } {
  const largest = r >= g && r >= b ? 0 : g > r && g >= b ? 1 : 2;
  const smallest = b <= r && b <= g ? 2 : g <= r && g < b ? 1 : 0;
  return { largest, smallest };
}

/** Hue starts at these thirds where red, green or blue is the largest. */
const THIRDS = [0, 2 / 6, 4 / 6] as const;

const safeQuotient = (a: number, b: number): number => (b === 0 ? 0 : a / b);

/** `keras.ops.image.rgb_to_hsv`, channels last: hue, saturation and value from 0 to 1. */
export const rgbToHsv = (): Operation =>
  hostOperation({
    outputShapes: (operands) => [checkedRgb(operandAt(operands, 0))],
    forward(operands) {
      const { shape, values } = operandAt(operands, 0);
      const hsv = zerosLike({ shape });
      for (let i = 0; i < hsv.length; i += 3) {
        const pixel = [values[i] ?? 0, values[i + 1] ?? 0, values[i + 2] ?? 0] as const;
        const { largest, smallest } = order(...pixel);
        const value = pixel[largest];
        const range = value - pixel[smallest];
        const [p, q] = [pixel[(largest + 1) % 3] ?? 0, pixel[(largest + 2) % 3] ?? 0];
        const hue = range > 0 ? (p - q) / (6 * range) + THIRDS[largest] : 0;
        hsv[i] = hue < 0 ? hue + 1 : hue;
        hsv[i + 1] = value > 0 ? range / value : 0;
        hsv[i + 2] = value;
      }
      return [floats(shape, hsv)];
    },
    backward(operands, _outputs, gradients) {
      const [x, dy] = [operandAt(operands, 0), operandAt(gradients, 0)];
      const dx = zerosLike(x);
      for (let i = 0; i < dx.length; i += 3) pixelGradient(x, dy, i, dx);
      return [dx];
    },
  });

function pixelGradient(x: HostArray, dy: HostArray, i: number, dx: Float64Array): void {
  const pixel = [x.values[i] ?? 0, x.values[i + 1] ?? 0, x.values[i + 2] ?? 0] as const;
  const [toHue, toSaturation, toValue] = [dy.values[i] ?? 0, dy.values[i + 1] ?? 0, dy.values[i + 2] ?? 0];
  const { largest, smallest } = order(...pixel);
  const [most, least] = [pixel[largest], pixel[smallest]];
  const add = (channel: number, value: number): void => {
    dx[i + channel] = (dx[i + channel] ?? 0) + value;
  };
  add(largest, toValue);
  if (most > 0) add(largest, toSaturation * safeQuotient(least, most * most));
  if (least > 0) add(smallest, -toSaturation * safeQuotient(1, most));
  if (!(most > 0)) return;
  const range = most - least;
  const [p, q] = [(largest + 1) % 3, (largest + 2) % 3];
  const square = range * range;
  add(largest, (toHue / 6) * safeQuotient((pixel[q] ?? 0) - (pixel[p] ?? 0), square));
  // One of the other two is the smallest, on which the range also depends.
  const middle = smallest === q ? p : q;
  const sign = middle === p ? 1 : -1;
  add(middle, sign * (toHue / 6) * safeQuotient(1, most - (pixel[smallest] ?? 0)));
  add(smallest, sign * (toHue / 6) * safeQuotient((pixel[middle] ?? 0) - most, square));
}

/** `keras.ops.image.hsv_to_rgb`, channels last. It has no gradient, as in TensorFlow. */
export const hsvToRgb = (): Operation =>
  hostOperation({
    outputShapes: (operands) => [checkedRgb(operandAt(operands, 0))],
    forward(operands) {
      const { shape, values } = operandAt(operands, 0);
      const rgb = zerosLike({ shape });
      for (let i = 0; i < rgb.length; i += 3) {
        const [hue, saturation, value] = [6 * (values[i] ?? 0), values[i + 1] ?? 0, values[i + 2] ?? 0];
        const shares = [Math.abs(hue - 3) - 1, 2 - Math.abs(hue - 2), 2 - Math.abs(hue - 4)];
        for (const [channel, share] of shares.entries()) {
          rgb[i + channel] = (1 - saturation + saturation * Math.min(1, Math.max(0, share))) * value;
        }
      }
      return [floats(shape, rgb)];
    },
  });

function checkedRgb(shape: readonly (number | null)[]): readonly (number | null)[] {
  const channels = shape.at(-1) ?? null;
  return channels === null || channels === 3
    ? shape
    : refuse(l10n.t('{0} channels are not RGB colours.', channels));
}

/** `keras.ops.image.rgb_to_grayscale`. */
export const grayscale = (isFirst: ChannelsFirst): Operation =>
  formula((apply, operands) => {
    const { of, two, reduce } = steps(apply);
    const x = operandAt(operands, 0);
    const axis = normalizeAxis(isFirst ? -3 : -1, x.shape.length);
    const channels = x.shape[axis] ?? null;
    if (channels === 1) return of(reshape(x.shape), x);
    if (channels !== 3)
      refuse(
        channels === null
          ? l10n.t('its number of channels is unknown.')
          : l10n.t('{0} channels are not RGB colours.', channels),
      );
    const shape = x.shape.map((_, i) => (i === axis ? 3 : 1));
    const weights = of(constant(shape, (tf) => tf.tensor([0.2989, 0.587, 0.114], shape)));
    return reduce('sum', two('multiply', x, weights), { axes: [axis], keepdims: true });
  });
