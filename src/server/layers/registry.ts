import { activationLayers } from './activations/activationLayers';
import { attentions } from './attention/attention';
import { multiHeadAttentions } from './attention/multiHeadAttention';
import { categoryLayers } from './categorical/categoryLayers';
import { hashings } from './categorical/hashing';
import { lookups } from './categorical/lookup';
import { textVectorizations } from './categorical/textVectorization';
import { convolutions } from './convolution/convolution';
import { transposedConvolutions } from './convolution/transposedConvolution';
import { denses } from './core/dense';
import { dropouts } from './core/dropout';
import { einsumDenses } from './core/einsumDense';
import { embeddings } from './core/embedding';
import { identities } from './core/identity';
import { inputs } from './core/input';
import { maskings } from './core/masking';
import type { FindKind, KindTable } from './kind';
import { applicationLayers } from './legacy/applicationLayers';
import { locallyConnecteds } from './legacy/locallyConnected';
import { randomFourierFeaturesLayers } from './legacy/randomFourierFeatures';
import { retired } from './legacy/retired';
import { mergings } from './merging/merging';
import { groupNormalizations } from './normalization/groupNormalization';
import { lengthNormalizations } from './normalization/lengthNormalization';
import { normalizations } from './normalization/normalization';
import { adaptivePoolings } from './pooling/adaptivePooling';
import { globalPoolings } from './pooling/globalPooling';
import { poolings } from './pooling/pooling';
import { adaptiveEqualizations } from './preprocessing/adaptiveEqualization';
import { augmentations } from './preprocessing/augmentation';
import { autoContrasts } from './preprocessing/autoContrast';
import { melSpectrograms } from './preprocessing/melSpectrogram';
import { preprocessings } from './preprocessing/preprocessing';
import { resizings } from './preprocessing/resizing';
import { stftSpectrograms } from './preprocessing/stftSpectrogram';
import { cellLayers } from './recurrent/cellLayers';
import { convLstms } from './recurrent/convLstm';
import { recurrents } from './recurrent/recurrent';
import { reshapings } from './reshaping/reshaping';
import { pipelines } from './wrappers/pipeline';
import { wrappers } from './wrappers/wrappers';

/**
 * One row per family of layers.
 * @param findKind finds the kind of a layer that another one wraps.
 */
export const layerTables = (findKind: FindKind): readonly KindTable[] => [
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
  wrappers(findKind),
  pipelines(findKind),
];
