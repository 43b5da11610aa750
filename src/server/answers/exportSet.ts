import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import * as l10n from '@vscode/l10n';
import { type ErrorKind, Failure, fail } from '../../shared/errors';
import { METHODS, type MethodId } from '../../shared/methods';
import type { ExplainParams, ExportSetParams } from '../../shared/protocol';
import {
  type ExportedSet,
  type MissingPart,
  numberedFile,
  type SetFile,
  setFileNames,
} from '../../shared/results/exportSet';
import type { RawMap } from '../explain/method';
import { camRelation } from '../explain/support/camRelation';
import { layerQuantities } from '../explain/support/layerQuantities';
import { portion } from '../explain/trust/subject';
import { writeNpy, writeNpyStrings } from '../inputs/arrays/npy';
import { type AddFile, writeAllOrNoneAsync } from '../io/writeFile';
import { encodePng } from '../render/png';
import { type Control, checkpoint } from '../run/control';
import type { Run } from '../session/runs';
import { type DrawableExplanation, explainRun, questionOf } from './explanation';
import { type IndexedFile, indexJson, indexText } from './exportSetIndex';
import { renderHeatMap } from './heatMapFiles';

/** A part that fails so is missing from the set; anything else ends the export. */
const PART_FAILURES: ReadonlySet<ErrorKind> = new Set(['not-applicable', 'no-such-layer', 'unknown-layer']);

/** The share of the progress bar that the chosen method gets: it may be a long one. */
const MAIN_SHARE = 0.5;

/**
 * Writes everything about one explanation into a folder: the input, the map of the chosen method, the quantities of the layer
 * by name, CAM, the gradients at the input, and an index. All files or none; a part that does not apply to the model is left
 * out, and the index says why.
 * @param known the explanation by the chosen method if the caller has it; otherwise it is made first
 * @throws Failure `write-failed` where files of an earlier set would be replaced and `overwrite` is not set, and those of `explain`.
 */
export async function exportSet(
  run: Run,
  params: ExportSetParams,
  control: Control,
  known?: DrawableExplanation,
): Promise<ExportedSet> {
  const folder = resolve(params.folder);
  if (params.overwrite !== true) refuseExisting(folder, run.inputs.length);
  return writeAllOrNoneAsync((add) => new SetExport(run, params, control, folder, add).write(known));
}

function refuseExisting(folder: string, inputs: number): void {
  const existing = setFileNames(inputs).filter((name) => existsSync(join(folder, name)));
  if (existing.length === 0) return;
  fail('write-failed', alreadyContains(basename(folder), existing), {
    subject: folder,
    remedy: l10n.t('Choose another folder, or replace the files (--overwrite).'),
  });
}

function alreadyContains(folder: string, existing: readonly string[]): string {
  const [names, rest] = [existing.slice(0, 3).join(', '), existing.length - 3];
  return rest > 0
    ? l10n.t('{0} already contains {1} and {2} more files of a set.', folder, names, rest)
    : l10n.t('{0} already contains {1}.', folder, names);
}

class SetExport {
  private readonly files: IndexedFile[] = [];
  private readonly missing: MissingPart[] = [];
  private relation: string | null = null;

  constructor(
    private readonly run: Run,
    private readonly params: ExportSetParams,
    private readonly control: Control,
    private readonly folder: string,
    private readonly add: AddFile,
  ) {}

  async write(known?: DrawableExplanation): Promise<ExportedSet> {
    const { run, params, control } = this;
    const { label } = METHODS[params.method];
    const main = known ?? (await explainRun(run, params, portion(control, 0, MAIN_SHARE, label)));
    const { header } = main;
    this.addInputs(main);
    this.addMaps('heat-map.png', main, l10n.t('Heat map: {0}', header.sentence), 'map.png');
    this.addMaps(
      'heat-map.npy',
      main,
      l10n.t('The raw map of {0}: signed, with channels, unnormalised', METHODS[header.method].label),
    );
    this.addMaps('overlay.png', main, l10n.t('The heat map over the input'), 'overlay.png');
    // A method at a layer has chosen one; the others are at the page's layer, or at the default one.
    const layer =
      params.layer === 'auto' && METHODS[params.method].scope === 'layer' ? header.layer : params.layer;
    await this.part(
      l10n.t('Layer output, gradient and channel weights'),
      l10n.t('The quantities of the layer'),
      MAIN_SHARE,
      () => this.addLayer(layer),
    );
    await this.part('Grad-CAM', 'Grad-CAM', 0.6, () =>
      this.addMethod('grad-cam', 'grad-cam', layer, GRAD_CAM),
    );
    await this.part('CAM', 'CAM', 0.65, () => this.addCam());
    await this.part(l10n.t('Input gradient'), l10n.t('The gradient at the input'), 0.7, () =>
      this.addMethod('saliency', 'input-gradient', layer, INPUT_GRADIENT),
    );
    await this.part('Guided backpropagation', 'Guided backpropagation', 0.8, () =>
      this.addMethod('guided-backprop', 'guided-backprop', layer, GUIDED_BACKPROP),
    );
    await this.part('Guided Grad-CAM', 'Guided Grad-CAM', 0.9, () =>
      this.addMethod('guided-grad-cam', 'guided-grad-cam', layer, GUIDED_GRAD_CAM),
    );
    await checkpoint(control, 1, l10n.t('Writing the files'));
    const index = {
      run,
      params,
      header,
      files: this.files,
      missing: this.missing,
      relation: this.relation,
    };
    this.addFile('README.txt', Buffer.from(indexText(index)));
    this.addFile('index.json', Buffer.from(indexJson(index)));
    return {
      folder: this.folder,
      files: [...this.files.map(({ file }) => file), 'README.txt', 'index.json'].map((name) =>
        join(this.folder, name),
      ),
      missing: this.missing,
      relation: this.relation,
    };
  }

  private addInputs({ maps }: DrawableExplanation): void {
    const { inputs, model } = this.run;
    inputs.forEach((input, i) => {
      const name = model.graph.inputs[i] ?? '';
      const [, ...shape] = input.shape;
      const drawn = maps.find(({ drawing }) => drawing.inputIndex === i)?.drawing.inputImage;
      const [height = 1, width = 1] = drawn?.shape ?? [];
      const image =
        input.image ??
        (drawn ? { width, height, rgb: new Uint8Array(Buffer.from(drawn.data, 'base64')) } : null);
      if (image === null)
        this.missing.push({
          name: numberedFile('original.png', i, inputs.length),
          why: l10n.t(
            'Input "{0}" is not an image; its values are in {1}.',
            name,
            numberedFile('input.npy', i, inputs.length),
          ),
        });
      else
        this.addIndexed(
          numberedFile('original.png', i, inputs.length),
          encodePng(image.rgb, image.width, image.height),
          {
            what: l10n.t('Input "{0}" at the size at which the model sees it, before preprocessing', name),
            shape: [image.height, image.width, 3],
          },
        );
      const values = input.strings
        ? writeNpyStrings(input.strings, input.shape)
        : writeNpy(input.values.subarray(0, size(shape)), shape);
      this.addIndexed(numberedFile('input.npy', i, inputs.length), values, {
        what: l10n.t('Input "{0}" as the model received it', name),
        shape: input.strings ? input.shape : shape,
      });
    });
  }

  private async addLayer(layer: string): Promise<void> {
    const found = await layerQuantities(
      this.run.trace,
      this.run.walks,
      questionOf({ ...this.params, layer }),
      this.control,
    );
    const { output, gradient, weights, layer: path } = found;
    this.addArray('layer-output.npy', output, l10n.t('A: the output of layer "{0}"', path));
    this.addArray(
      'layer-gradient.npy',
      gradient,
      l10n.t('dScore/dA: the gradient of the score with respect to the output of layer "{0}"', path),
    );
    this.addArray(
      'channel-weights.npy',
      { shape: [weights.length], values: weights },
      l10n.t('w: the channel weights of Grad-CAM, the mean of dScore/dA over all positions of each channel'),
    );
  }

  private async addCam(): Promise<void> {
    const cam = await this.explained('cam', 'auto');
    const { layer } = cam.header;
    this.addMaps('cam.npy', cam, CAM);
    this.addMaps('cam.png', cam, cam.header.sentence, 'map.png');
    const gradCam = await this.explained('grad-cam', layer);
    const [own, other] = [cam.maps[0]?.raw, gradCam.maps[0]?.raw];
    if (own && other) this.relation = camRelation(own, other, layer);
  }

  private async addMethod(
    method: MethodId,
    name: 'grad-cam' | 'input-gradient' | 'guided-backprop' | 'guided-grad-cam',
    layer: string,
    what: string,
  ): Promise<void> {
    const explained = await this.explained(method, layer);
    this.addMaps(`${name}.npy`, explained, what);
    this.addMaps(`${name}.png`, explained, explained.header.sentence, 'map.png');
  }

  /** Another method for the same target, with its default options. */
  private explained(method: MethodId, layer: string): Promise<DrawableExplanation> {
    const { options: _, fusedLayers: _layers, display: _display, ...same } = this.params;
    const params: ExplainParams = { ...same, method, layer };
    return explainRun(this.run, params, this.control);
  }

  /** Does one part of the set, or notes why it is missing. */
  private async part(
    name: string,
    message: string,
    fraction: number,
    work: () => Promise<void>,
  ): Promise<void> {
    await checkpoint(this.control, fraction, message);
    try {
      await work();
    } catch (thrown) {
      if (!(thrown instanceof Failure && PART_FAILURES.has(thrown.error.kind))) throw thrown;
      this.missing.push({ name, why: thrown.message });
    }
  }

  private addMaps(
    name: SetFile,
    explained: DrawableExplanation,
    what: string,
    format: 'map.png' | 'overlay.png' | 'npy' = 'npy',
  ): void {
    const { maps } = explained;
    for (const [i, { raw, display, drawing }] of maps.entries()) {
      const style = { colourMap: this.params.colourMap, opacity: this.params.opacity };
      this.addIndexed(numberedFile(name, i, maps.length), renderHeatMap(explained, format, style, i), {
        what: maps.length === 1 ? what : l10n.t('{0} (input "{1}")', what, drawing.input),
        shape: format === 'npy' ? raw.shape : display.shape,
      });
    }
  }

  private addArray(name: SetFile, { values, shape }: RawMap, what: string): void {
    this.addIndexed(name, writeNpy(values, shape), { what, shape });
  }

  private addIndexed(file: string, bytes: Uint8Array, about: Omit<IndexedFile, 'file'>): void {
    this.files.push({ file, ...about });
    this.addFile(file, bytes);
  }

  private addFile(file: string, bytes: Uint8Array): void {
    this.add(join(this.folder, file), bytes);
  }
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const GRAD_CAM = l10n.t(
  'Grad-CAM: the sum of the channels of A, each times its weight w; signed, the image shows the positive part',
);
const CAM = l10n.t(
  'CAM: the sum of the channels of the layer before global average pooling, each times its weight in the Dense layer after it',
);
const INPUT_GRADIENT = l10n.t('dScore/dInput: the gradient of the score with respect to the input');
const GUIDED_BACKPROP = l10n.t(
  'Guided backpropagation: the gradient at the input that passes each rectifier only where it is positive',
);
const GUIDED_GRAD_CAM = l10n.t(
  'Guided Grad-CAM: guided backpropagation times the positive part of Grad-CAM, resized to the input',
);
