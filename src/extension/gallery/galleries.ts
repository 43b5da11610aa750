import type { GalleryFilter } from '../../shared/gallery/galleryFilter';
import type { InputSet } from './inputSet';

/** What an open gallery shows of a model. */
export interface OpenGallery {
  readonly set: InputSet;
  readonly filter: GalleryFilter;
}

/** The open galleries of this window, by the path of their model: explain pages step as they show. */
export class Galleries {
  private readonly byPath = new Map<string, () => OpenGallery>();

  of(modelPath: string): OpenGallery | undefined {
    return this.byPath.get(modelPath)?.();
  }

  /** @param shown what the gallery shows when somebody asks */
  add(modelPath: string, shown: () => OpenGallery): { dispose(): void } {
    this.byPath.set(modelPath, shown);
    return {
      dispose: () => {
        if (this.byPath.get(modelPath) === shown) this.byPath.delete(modelPath);
      },
    };
  }
}
