/** How an image gets the size that a model takes; the first one where nothing else is chosen. */
export const RESIZES = ['bilinear', 'pil-nearest', 'pil-bilinear', 'crop', 'letterbox'] as const;
export type Resize = (typeof RESIZES)[number];

export const RESIZE_LABELS: Readonly<Record<Resize, string>> = {
  bilinear: 'Bilinear, as tf.image.resize and image_dataset_from_directory',
  'pil-nearest': 'Nearest neighbour of Pillow, as load_img and ImageDataGenerator',
  'pil-bilinear': 'Bilinear of Pillow, which averages, as load_img(interpolation="bilinear")',
  crop: 'Centre crop, then bilinear, as crop_to_aspect_ratio=True',
  letterbox: 'Padded with black, then bilinear, as pad_to_aspect_ratio=True',
};
