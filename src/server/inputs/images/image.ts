export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A decoded picture, before any resizing. */
export interface Picture extends PictureSize {
  /** [height, width, 4] red, green, blue, alpha, 0..255, colours not multiplied by alpha. */
  readonly rgba: Uint8Array;
  /** What a person should know about the decoding. */
  readonly notices: readonly string[];
}

/** Larger pictures are refused from their header, before anything is allocated. */
export const MAX_PIXELS = 64 * 1024 * 1024;
