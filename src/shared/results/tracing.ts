import * as l10n from '@vscode/l10n';
import type { WireTensor } from '../model';

/** A half-open range of positions along one axis of the input, [start, end), clipped to it. */
export type Span = readonly [start: number, end: number];

/** How the units of a layer look at one axis of the input: unit i sees [i * stride - padding, i * stride - padding + size). */
export interface FieldAxis {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

/** The theoretical receptive field of a layer's units. */
export type ReceptiveField =
  | {
      readonly kind: 'window';
      readonly axes: readonly FieldAxis[];
      /** A layer where a value of the whole input joins (a squeeze-and-excite gate): the window is that of the other branch. */
      readonly gate: string | null;
    }
  /** Every unit depends on all positions, since `layer` joins them. */
  | { readonly kind: 'whole'; readonly layer: string }
  /** The branches that `layer` merges have windows of other strides or centres. */
  | { readonly kind: 'misaligned'; readonly layer: string }
  /** `layer` moves positions in a way that is not known, or does not depend on the input. */
  | { readonly kind: 'unknown'; readonly layer: string };

/** One unit of a layer and where its value comes from. */
export interface UnitTrace {
  readonly unit: number;
  /** The pooled value; for a layer with positions, its largest value in this channel. */
  readonly value: number;
  /** Where the positions of this unit are in another layer than `LayerTrace.read`, as after a concatenation. */
  readonly read?: string;
  /** In the layer `LayerTrace.read`, one per maximum; equal maxima are all listed, up to a limit. */
  readonly positions: readonly (readonly number[])[];
  /** In the model's input, one per maximum: one range per spatial axis. */
  readonly windows: readonly (readonly Span[])[];
  /**
   * Windows of equal maxima inside the windows of poolings below `read`: of these, `windows` has the first. One list per
   * maximum; left out where there are none.
   */
  readonly tied?: readonly (readonly (readonly Span[])[])[];
  /** The letters in the windows, where the alphabet of the input is known; one text per maximum, of long windows the start. */
  readonly letters?: readonly string[];
  /** How many equal maxima are not listed. */
  readonly omitted: number;
  /** value * weight, one per output unit; `null` where no linear output layer reads the unit. */
  readonly contribution: readonly number[] | null;
}

/** Where the values of a layer's units come from, strongest positive contribution first. */
export interface LayerTrace {
  readonly layer: string;
  /** The layer in which the positions are: what the last pooling reads, else the layer itself. */
  readonly read: string;
  /** The last pooling; of an average, the positions are those of the largest values that it averages. */
  readonly pooling: 'max' | 'average' | null;
  /** Path and spatial sizes of the input that the windows are in. */
  readonly input: string;
  readonly inputSize: readonly number[];
  /** Of the units of `read`. */
  readonly field: ReceptiveField;
  readonly units: readonly UnitTrace[];
  /** Before the output's activation, one per output unit: the contributions of all units plus the bias. */
  readonly logit: readonly number[] | null;
  readonly bias: readonly number[] | null;
  readonly notices: readonly string[];
}

/** What a typed number would be the result of. */
export interface CheckedMistake {
  /** A sentence. */
  readonly mistake: string;
  readonly value: number;
  /** |number - value|; 0 where they agree to float32 rounding. */
  readonly error: number;
}

/** One product of a window and a kernel. */
export interface Product {
  /** Place in the kernel, one index per spatial axis. */
  readonly offset: readonly number[];
  /** Channel of the layer that the convolution reads. */
  readonly channel: number;
  /** 0 in the padding. */
  readonly value: number;
  readonly weight: number;
  readonly product: number;
}

/** How one value of a convolution is computed, and what becomes of it up to the traced unit. */
export interface Arithmetic {
  readonly convolution: string;
  readonly filter: number;
  readonly position: readonly number[];
  /** Of the window in the layer that the convolution reads, `reads`; it may reach into the padding. */
  readonly window: readonly Span[];
  readonly reads: string;
  /** In the order of the kernel; the largest where there are very many. */
  readonly products: readonly Product[];
  /** How many products are not listed, and their sum. */
  readonly others: number;
  readonly rest: number;
  /** `null` for a layer without. */
  readonly bias: number | null;
  /** Products and bias, in double precision. */
  readonly sum: number;
  /** What the model computed in their place, in float32. */
  readonly before: number;
  /** Name of the activation; `null` for none. */
  readonly activation: string | null;
  readonly after: number;
  /** The value in each layer from the convolution to the traced one, whose last is the unit's value. */
  readonly steps: readonly { readonly layer: string; readonly className: string; readonly value: number }[];
}

/** The effective receptive field of one unit at one position: how strongly its value depends on each position of an input. */
export interface EffectiveField {
  readonly input: string;
  /** Of the unit in its layer: of its first maximum. */
  readonly position: readonly number[];
  /** The spatial sizes of the input. */
  readonly shape: readonly number[];
  /** Row-major: the length of the gradient over the channels. */
  readonly values: Float32Array;
  /**
   * Around the positions with more than `EFFECTIVE_SHARE` of the largest value, one range per axis; `null` where the gradient is
   * zero everywhere.
   */
  readonly extent: readonly Span[] | null;
}

/** Two standard deviations from the centre of a Gaussian, which such a field resembles (Luo et al. 2016). */
export const EFFECTIVE_SHARE = 0.0455;

/** What was asked about a layer's units. */
export interface TraceAnswer {
  readonly trace: LayerTrace;
  /** Of the number that was given, best match first; `null` where none was. */
  readonly check: readonly CheckedMistake[] | null;
  /** Of the unit that was given, at its maximum; `null` where it was not asked for. */
  readonly arithmetic: Arithmetic | null;
  /** Of the unit that was given; `null` where it was not asked for. */
  readonly effective: EffectiveField | null;
}

/** What a page draws of a trace. */
export interface DrawnTrace extends Omit<TraceAnswer, 'effective'> {
  readonly effective: DrawnField | null;
  /** The input of the windows as uint8 [h, w, 3], before preprocessing; `null` when it is not an image of the input's size. */
  readonly inputImage: WireTensor | null;
}

export type DrawnField = Omit<EffectiveField, 'values'> & { readonly values: WireTensor };

/**
 * A trace as one JSON document: the logit and the bias of a single output unit are numbers, of several they are lists. The values
 * of an effective receptive field are left out.
 */
export function traceDocument({
  trace,
  check,
  arithmetic,
  effective,
}: Omit<TraceAnswer, 'effective'> & { readonly effective: Omit<EffectiveField, 'values'> | null }): object {
  const { logit, bias, ...traced } = trace;
  return {
    ...traced,
    logit: oneOrAll(logit),
    bias: oneOrAll(bias),
    ...(check && { check }),
    ...(arithmetic && { arithmetic }),
    ...(effective && {
      effective: {
        input: effective.input,
        position: effective.position,
        shape: effective.shape,
        extent: effective.extent,
      },
    }),
  };
}

const oneOrAll = (list: readonly number[] | null): number | readonly number[] | null =>
  list?.length === 1 ? (list[0] ?? null) : list;

/** "Receptive field of conv: 6 x 6, stride 2 x 2, padding 2 x 2". */
export function receptiveFieldText(layer: string, field: ReceptiveField): string {
  switch (field.kind) {
    case 'window': {
      const along = (key: 'size' | 'stride' | 'padding') => field.axes.map((axis) => axis[key]).join(' x ');
      const [size, stride, padding] = [along('size'), along('stride'), along('padding')];
      return field.gate === null
        ? l10n.t('Receptive field of {0}: {1}, stride {2}, padding {3}', layer, size, stride, padding)
        : l10n.t(
            'Receptive field of {0}: {1}, stride {2}, padding {3}; {4} also depends on the whole input',
            ...[layer, size, stride, padding, field.gate],
          );
    }
    case 'whole':
      return l10n.t('Receptive field of {0}: the whole input, which {1} joins', layer, field.layer);
    case 'misaligned':
      return l10n.t(
        'Receptive field of {0}: misaligned; the branches that {1} merges differ in stride or centre',
        ...[layer, field.layer],
      );
    case 'unknown':
      return l10n.t('Receptive field of {0}: unknown, because of {1}', layer, field.layer);
  }
}

/** "Effective receptive field: the gradient exceeds 4.55 % of its largest value within 40:61 x 30:52 of image". */
export function effectiveFieldText({ input, extent }: Pick<EffectiveField, 'input' | 'extent'>): string {
  if (extent === null)
    return l10n.t('Effective receptive field: none, since the gradient of the value is zero everywhere.');
  const spans = extent.map(([start, end]) => `${start}:${end}`).join(' x ');
  return l10n.t(
    'Effective receptive field: the gradient of the value exceeds {0} % of its largest size within {1} of {2}.',
    ...[100 * EFFECTIVE_SHARE, spans, input],
  );
}
