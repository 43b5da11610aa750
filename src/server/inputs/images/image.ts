export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/** A decoded image, before any resizing. */
export interface DecodedImage extends ImageSize {
  /** [height, width, 4] red, green, blue, alpha, 0..255, colours not multiplied by alpha. */
  readonly rgba: Uint8Array;
  /** What a user should know about the decoding. */
  readonly notices: readonly string[];
}

/** Larger images are refused from their header, before anything is allocated. */
export const MAX_PIXELS = 64 * 1024 * 1024;
