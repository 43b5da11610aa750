import * as z from 'zod';
import { Failure, toResult } from '../../shared/errors';
import * as protocol from '../../shared/protocol';
import { type LayerTrace, receptiveFieldText } from '../../shared/results/tracing';
import type { OpenedUnit, UnitSum } from '../../shared/results/unit';
import { layerPart, runPart, withInputs } from './question';
import { tool } from './tool';

const MAX_TERMS = 20;
const MAX_PLACES = 10;

export const traceValue = tool(
  {
    name: 'trace_value',
    title: 'Trace a value',
    description:
      'Runs a model on an input and takes one value of a layer apart: the terms of its sum (input x weight, largest first), bias and activation in exact numbers, and where in the input it comes from (positions and windows, of poolings the maxima behind it). For "how was this number computed", "which input position made this pooled value".',
    schema: z.strictObject({
      ...runPart,
      ...layerPart,
      unit: z
        .int()
        .min(0)
        .optional()
        .describe('The unit or channel; the one with the largest value if left out.'),
      position: z
        .array(z.int().min(0))
        .max(16)
        .optional()
        .describe(
          'One index per axis of positions, without batch and channel; that of the largest value if left out.',
        ),
    }),
  },
  (call, { layer, unit, position, ...question }) =>
    withInputs(call, question, async ({ run, request, notices }) => {
      const asked = { ...(unit !== undefined && { unit }), ...(position && { position }) };
      const opened = await request(protocol.openUnit, { ...run, layer, ...asked });
      const trace = await toResult(() => request(protocol.trace, { ...run, layer, unit: opened.unit }));
      // Not every layer has positions to follow.
      if (!trace.ok && trace.error.kind !== 'not-applicable') throw new Failure(trace.error);
      return {
        document: {
          ...unitPart(opened),
          origin: trace.ok ? originPart(trace.value.trace) : { unknownBecause: trace.error.message },
          notices: [...notices, ...opened.notices],
        },
      };
    }),
);

const unitPart = (opened: OpenedUnit): object => ({
  layer: opened.layer,
  class: opened.className,
  unit: opened.unit,
  units: opened.units,
  position: opened.position,
  sizes: opened.sizes,
  form: opened.form,
  value: opened.post,
  activation: opened.activation,
  ...sumPart(opened),
  ...(opened.factors.length > 0 && { factors: opened.factors.slice(0, MAX_TERMS) }),
  ...(opened.gates.length > 0 && {
    gates: opened.gates.map((gate) => ({
      name: gate.name,
      activation: gate.activation,
      value: gate.post,
      ...sumPart(gate),
    })),
  }),
  ...(opened.attention.length > 0 && {
    attention: opened.attention.slice(0, MAX_PLACES).map(({ head, keys }) => ({
      head,
      strongest: [...keys]
        .sort((a, b) => b.weight - a.weight)
        .slice(0, MAX_PLACES)
        .map(({ key, score, weight }) => ({ key, score, weight })),
    })),
  }),
});

/** The largest terms that add something; the others are counted and added up. */
function sumPart({ pre, bias, terms, others, sumOfRest, sum, agrees }: UnitSum): object {
  const shown = terms.filter(({ product }) => product !== 0).slice(0, MAX_TERMS);
  const left = terms.filter((term) => !shown.includes(term));
  return {
    beforeActivation: pre,
    bias,
    terms: shown,
    otherTerms: others + left.length,
    sumOfOtherTerms: left.reduce((total, { product }) => total + product, sumOfRest),
    sum,
    agrees,
  };
}

function originPart({ read, pooling, input, inputSize, field, units, notices }: LayerTrace): object {
  const [unit] = units;
  return {
    receptiveField: receptiveFieldText(read, field),
    ...{ read, pooling, input, inputSize },
    positions: unit?.positions.slice(0, MAX_PLACES) ?? [],
    windows: unit?.windows.slice(0, MAX_PLACES) ?? [],
    ...(unit?.letters && { letters: unit.letters.slice(0, MAX_PLACES) }),
    contribution: unit?.contribution?.slice(0, MAX_PLACES) ?? null,
    notices,
  };
}
