import { activationLayers } from './activations/activationLayers';
import { attentionLayers } from './attention/attention';
import { multiHeadAttentionLayers } from './attention/multiHeadAttention';
import { categoryLayers } from './categorical/categoryLayers';
import { hashingLayers } from './categorical/hashing';
import { lookupLayers } from './categorical/lookup';
import { textVectorizationLayers } from './categorical/textVectorization';
import { convolutionLayers } from './convolution/convolution';
import { transposedConvolutionLayers } from './convolution/transposedConvolution';
import { denseLayers } from './core/dense';
import { dropoutLayers } from './core/dropout';
import { einsumDenseLayers } from './core/einsumDense';
import { embeddingLayers } from './core/embedding';
import { identityLayers } from './core/identity';
import { inputLayers } from './core/input';
import { maskingLayers } from './core/masking';
import type { FindKind, KindTable } from './kind';
import { applicationLayers } from './legacy/applicationLayers';
import { keras1Layers } from './legacy/keras1Layers';
import { locallyConnectedLayers } from './legacy/locallyConnected';
import { randomFourierFeaturesLayers } from './legacy/randomFourierFeatures';
import { mergingLayers } from './merging/merging';
import { groupNormalizationLayers } from './normalization/groupNormalization';
import { lengthNormalizationLayers } from './normalization/lengthNormalization';
import { normalizationLayers } from './normalization/normalization';
import { adaptivePoolingLayers } from './pooling/adaptivePooling';
import { globalPoolingLayers } from './pooling/globalPooling';
import { poolingLayers } from './pooling/pooling';
import { adaptiveEqualizationLayers } from './preprocessing/adaptiveEqualization';
import { augmentationLayers } from './preprocessing/augmentation';
import { autoContrastLayers } from './preprocessing/autoContrast';
import { melSpectrogramLayers } from './preprocessing/melSpectrogram';
import { rescalingLayers } from './preprocessing/rescaling';
import { resizingLayers } from './preprocessing/resizing';
import { stftSpectrogramLayers } from './preprocessing/stftSpectrogram';
import { cellLayers } from './recurrent/cellLayers';
import { convLstmLayers } from './recurrent/convLstm';
import { recurrentLayers } from './recurrent/recurrent';
import { reshapingLayers } from './reshaping/reshaping';
import { pipelineLayers } from './wrappers/pipeline';
import { wrapperLayers } from './wrappers/wrappers';

/**
 * All built-in layers, one table per family.
 * @param findKind finds the kind of a wrapped layer.
 */
export const layerTables = (findKind: FindKind): readonly KindTable[] => [
  inputLayers,
  keras1Layers,
  identityLayers,
  denseLayers,
  einsumDenseLayers,
  attentionLayers,
  multiHeadAttentionLayers,
  convolutionLayers,
  transposedConvolutionLayers,
  locallyConnectedLayers,
  poolingLayers,
  globalPoolingLayers,
  adaptivePoolingLayers,
  normalizationLayers,
  groupNormalizationLayers,
  lengthNormalizationLayers,
  activationLayers,
  dropoutLayers,
  reshapingLayers,
  mergingLayers,
  embeddingLayers,
  maskingLayers,
  rescalingLayers,
  melSpectrogramLayers,
  stftSpectrogramLayers,
  textVectorizationLayers,
  lookupLayers,
  hashingLayers,
  categoryLayers,
  resizingLayers,
  autoContrastLayers,
  augmentationLayers,
  adaptiveEqualizationLayers,
  recurrentLayers,
  convLstmLayers,
  cellLayers,
  randomFourierFeaturesLayers,
  applicationLayers,
  wrapperLayers(findKind),
  pipelineLayers(findKind),
];
