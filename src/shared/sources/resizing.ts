import * as l10n from '@vscode/l10n';

/** How an image gets the size that a model takes; the first one where nothing else is chosen. */
export const RESIZES = ['bilinear', 'pil-nearest', 'pil-bilinear', 'crop', 'letterbox'] as const;
export type Resize = (typeof RESIZES)[number];

export const RESIZE_LABELS: Readonly<Record<Resize, string>> = {
  bilinear: l10n.t('Bilinear, as tf.image.resize and image_dataset_from_directory'),
  'pil-nearest': l10n.t('Nearest neighbour of Pillow, as load_img and ImageDataGenerator'),
  'pil-bilinear': l10n.t('Bilinear of Pillow, which averages, as load_img(interpolation="bilinear")'),
  crop: l10n.t('Centre crop, then bilinear, as crop_to_aspect_ratio=True'),
  letterbox: l10n.t('Padded with black, then bilinear, as pad_to_aspect_ratio=True'),
};
