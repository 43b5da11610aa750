import * as z from 'zod';
import { classIndex } from '../../shared/labels/classIndex';
import { DEFAULT_COLOUR_MAP } from '../../shared/maps/colourMaps';
import { DISPLAY_RULES, defaultMethod } from '../../shared/methods';
import * as protocol from '../../shared/protocol';
import type { MapPicture } from '../../shared/results/explanationPicture';
import { defaultLayer } from '../explain/layerChoice';
import { methodPart, runPart, withInputs } from './question';
import { tool } from './tool';

const OPACITY = 0.5;
const MAX_PREDICTIONS = 10;
const MAX_NOTICES = 20;
const MAX_OPTIONS = 20;
/** An option may name a file on the command line, but not here. */
const NO_PATH = /^[\w-]{1,40}$/;

const classPart = z.union([z.int().min(0), z.string().min(1)]);

export const explainPrediction = tool(
  {
    name: 'explain_prediction',
    title: 'Explain a prediction',
    description:
      'Runs a model on an input and answers with its predictions and with which parts of the input are evidence for a class: a heat map over the input as a PNG image, and where it is strongest in numbers. For "what does it predict", "why", "what does it look at".',
    schema: z.strictObject({
      ...runPart,
      method: methodPart
        .optional()
        .describe(
          'Explanation method, such as grad-cam, integrated-gradients or occlusion; list_methods lists all. Left out: Grad-CAM where it applies.',
        ),
      layer: z
        .string()
        .min(1)
        .optional()
        .describe('Layer to explain at, for methods that take one. Left out: the last one with positions.'),
      target: classPart
        .optional()
        .describe('The class to explain, by index or name. Left out: the predicted one.'),
      versus: classPart.optional().describe('Explain why the target rather than this class.'),
      negative: z
        .boolean()
        .optional()
        .describe('Explain the evidence against the class; of a single sigmoid unit, class 0.'),
      options: z
        .record(z.string(), z.union([z.number(), z.string().regex(NO_PATH)]))
        .refine((options) => Object.keys(options).length <= MAX_OPTIONS, 'too many options')
        .optional()
        .describe('Options of the method by name, as list_methods lists them.'),
      display: z
        .enum(DISPLAY_RULES)
        .optional()
        .describe('What the picture shows: evidence for the target, also that against it, or its size.'),
    }),
  },
  (call, { method, layer, target, versus, negative, options, display, ...question }) =>
    withInputs(call, question, async ({ opened, run, labels, request, notices }) => {
      const byName = (name: number | string): number => classIndex(String(name), labels);
      const { header, pictures } = await request(protocol.explanationPicture, {
        ...run,
        method: method ?? defaultMethod(defaultLayer(opened.graph, 0) !== null),
        layer: layer ?? 'auto',
        target: {
          index: target === undefined ? 'auto' : byName(target),
          ...(versus !== undefined && { versus: byName(versus) }),
          ...(negative !== undefined && { negative }),
        },
        labels,
        ...(options && { options }),
        ...(display && { display }),
        colourMap: DEFAULT_COLOUR_MAP,
        opacity: OPACITY,
      });
      return {
        document: {
          sentence: header.sentence,
          predictions: header.predictions.slice(0, MAX_PREDICTIONS),
          target: header.target,
          method: header.method,
          options: header.options,
          layer: header.layer,
          display: header.display,
          colourMap: DEFAULT_COLOUR_MAP,
          completeness: header.completeness,
          maps: [header, ...header.others].slice(0, pictures.length).map(({ map }, i) => ({
            ...map,
            ...aboutPicture(pictures[i]),
          })),
          preprocessing: run.preprocessing,
          backend: header.backend,
          milliseconds: Math.round(header.timings.total),
          notices: [...header.notices, ...notices].slice(0, MAX_NOTICES),
        },
        pictures: pictures.map(({ png }) => ({ mimeType: 'image/png', data: png })),
      };
    }),
);

function aboutPicture(picture: MapPicture | undefined): object {
  if (!picture) return {};
  const { input, width, height, strongest } = picture;
  return { input, picture: { width, height }, strongest };
}
