import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { classCount } from '../../../shared/labels/foundLabels';
import type { ListInputsParams } from '../../../shared/protocol';
import type { InputList, ListedInput } from '../../../shared/results/gallery';
import { sidecarPath } from '../../../shared/sidecar';
import { listFiles } from '../../inputs/listing/listFiles';
import { type Control, checkpoint } from '../../run/control';
import { fileVersion } from '../../session/fileVersion';
import { inputSpecs } from '../../session/modelInputs';
import { type OpenModel, settingsFile } from '../../session/openModels';

/** Files whose versions are read without a pause. */
const STATS_PER_PAUSE = 500;

/** The inputs of a model in files and folders, with their true classes. @throws Failure `cancelled` */
export async function listInputs(
  model: OpenModel,
  { paths, extensions, labels = [], output = 0, preprocessing }: ListInputsParams,
  control: Control,
): Promise<InputList> {
  const { summary } = model.graph;
  const { shape, dtype } = summary.outputs[output] ?? { shape: null, dtype: 'string' };
  const { inputs, found, notices } = await listFiles({
    paths,
    extensions,
    specs: inputSpecs(model),
    classes: { names: labels, count: dtype === 'string' ? null : classCount(shape) },
    modelFolder: dirname(settingsFile(model)),
    pause: (done, of) => checkpoint(control, of === 0 ? 0 : done / of, l10n.t('Looking for inputs')),
  });
  const basis = [
    model.version,
    model.architecture,
    fileVersion(sidecarPath(settingsFile(model))),
    preprocessing,
    output,
  ];
  return { inputs, found, notices, version: await versionOf(inputs, basis, control) };
}

async function versionOf(
  inputs: readonly ListedInput[],
  basis: readonly unknown[],
  control: Control,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(basis));
  const versions = new Map<string, string>();
  for (const [i, { sources }] of inputs.entries()) {
    if (i % STATS_PER_PAUSE === 0) await checkpoint(control, 1, l10n.t('Looking for inputs'));
    for (const source of sources) {
      if (source.kind !== 'file') continue;
      const version = versions.get(source.path) ?? fileVersion(source.path);
      versions.set(source.path, version);
      hash.update(JSON.stringify([source, version]));
    }
  }
  return hash.digest('hex');
}
