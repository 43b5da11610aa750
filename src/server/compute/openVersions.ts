import type { OpenModel } from '../session/openModels';
import type { ComputeModel } from './messages';

interface Models {
  /** Adds a reference. @throws Failure `closed` for another version of the file */
  openVersion(path: string, version: string, architecture?: string): Promise<OpenModel>;
  /** Releases it. */
  close(id: string): void;
}

/** The models that the server has open, opened once more in another process or thread, and kept until the server releases them. */
export class OpenVersions {
  private readonly opened = new Map<string, Promise<OpenModel>>();

  constructor(private readonly models: Models) {}

  /** @throws Failure */
  open(model: ComputeModel): Promise<OpenModel> {
    const key = keyOf(model);
    const known = this.opened.get(key);
    if (known) return known;
    const opening = this.models.openVersion(model.path, model.version, model.architecture ?? undefined);
    this.opened.set(key, opening);
    opening.catch(() => this.opened.delete(key));
    return opening;
  }

  /** @returns whether there is a model to release; resolves when it is */
  async release(model: ComputeModel): Promise<boolean> {
    const key = keyOf(model);
    const opening = this.opened.get(key);
    this.opened.delete(key);
    try {
      const opened = await opening;
      if (opened === undefined) return false;
      this.models.close(opened.id);
      return true;
    } catch {
      // It could not be opened.
      return false;
    }
  }
}

const keyOf = ({ path, version, architecture }: ComputeModel): string =>
  JSON.stringify([version, path, architecture]);
