import { activationLayers } from './activationLayers';
import { adaptiveEqualizations } from './adaptiveEqualization';
import { adaptivePoolings } from './adaptivePooling';
import { applicationLayers } from './applicationLayers';
import { attentions } from './attention';
import { augmentations } from './augmentation';
import { autoContrasts } from './autoContrast';
import { categoryLayers } from './categoryLayers';
import { cellLayers } from './cellLayers';
import { convLstms } from './convLstm';
import { convolutions } from './convolution';
import { denses } from './dense';
import { dropouts } from './dropout';
import { einsumDenses } from './einsumDense';
import { embeddings } from './embedding';
import { globalPoolings } from './globalPooling';
import { opLayers } from './graphOps/opLayers';
import { graphOps } from './graphOps/ops';
import { groupNormalizations } from './groupNormalization';
import { hashings } from './hashing';
import { identities } from './identity';
import { inputs } from './input';
import type { KindTable, LayerKind } from './kind';
import { lengthNormalizations } from './lengthNormalization';
import { locallyConnecteds } from './locallyConnected';
import { lookups } from './lookup';
import { maskings } from './masking';
import { melSpectrograms } from './melSpectrogram';
import { mergings } from './merging';
import { multiHeadAttentions } from './multiHeadAttention';
import { normalizations } from './normalization';
import { keras2Operations } from './operations/keras2';
import { keras3Operations } from './operations/keras3';
import { ownName } from './ownName';
import { pipelines } from './pipeline';
import { poolings } from './pooling';
import { preprocessings } from './preprocessing';
import { randomFourierFeaturesLayers } from './randomFourierFeatures';
import { recurrents } from './recurrent';
import { reshapings } from './reshaping';
import { resizings } from './resizing';
import { retired } from './retired';
import { stftSpectrograms } from './stftSpectrogram';
import { textVectorizations } from './textVectorization';
import { transposedConvolutions } from './transposedConvolution';
import { wrappers } from './wrappers';

const TABLES: readonly KindTable[] = [
  inputs,
  retired,
  identities,
  denses,
  einsumDenses,
  attentions,
  multiHeadAttentions,
  convolutions,
  transposedConvolutions,
  locallyConnecteds,
  poolings,
  globalPoolings,
  adaptivePoolings,
  normalizations,
  groupNormalizations,
  lengthNormalizations,
  activationLayers,
  dropouts,
  reshapings,
  mergings,
  embeddings,
  maskings,
  keras3Operations,
  keras2Operations,
  preprocessings,
  melSpectrograms,
  stftSpectrograms,
  textVectorizations,
  lookups,
  hashings,
  categoryLayers,
  resizings,
  autoContrasts,
  augmentations,
  adaptiveEqualizations,
  recurrents,
  convLstms,
  cellLayers,
  randomFourierFeaturesLayers,
  applicationLayers,
  graphOps,
  opLayers,
  wrappers(findKind),
  pipelines(findKind),
];

/** By class name in a Map, so that a class called `constructor` finds nothing. */
const KINDS: ReadonlyMap<string, LayerKind> = new Map(TABLES.flatMap((table) => Object.entries(table)));

/** Layers that the person's own modules implement (setting `layerglass.customLayers`). */
const custom = new Map<string, LayerKind>();

export const isBuiltIn = (className: string): boolean => KINDS.has(className);

/** Takes the place of all custom layers there were. */
export function setCustomKinds(kinds: KindTable): void {
  custom.clear();
  for (const [className, kind] of Object.entries(kinds)) custom.set(className, kind);
}

export const hasCustomKinds = (): boolean => custom.size > 0;

/** The kind of a Keras layer class, `undefined` for one that Layerglass does not know. */
export function findKind(className: string): LayerKind | undefined {
  return KINDS.get(className) ?? custom.get(className) ?? custom.get(ownName(className));
}
