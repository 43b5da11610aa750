import { basename } from 'node:path';
import type { LayerglassError } from '../../shared/errors';
import * as protocol from '../../shared/protocol';

/** What the questions that read a file or compute with it do, in text. A server that dies, dies over one of these. */
const DOING: ReadonlyMap<string, string> = new Map([
  [protocol.openModel.method, 'opened'],
  [protocol.explain.method, 'explained'],
  [protocol.exportHeatMap.method, 'explained'],
  [protocol.layerValues.method, 'computed values of'],
  [protocol.channelTiles.method, 'drew channels of'],
]);

/** One thing that is asked about a model, by what it means and not by the ids that one server gave out. */
export interface Question {
  readonly path: string;
  readonly doing: string;
  readonly key: string;
}

/**
 * Remembers what was being asked when a server died. It is not asked again by itself, by a page that restores itself or
 * a model that opens again, only when the user wants it: one file that ends servers must not end them all.
 */
export class Questions {
  private readonly running = new Set<Question>();
  private readonly fatal = new Map<string, Question>();

  /** @param path of the model that the question is about; `undefined` for questions that no server dies of */
  question(method: string, params: object, path: string | undefined): Question | undefined {
    const doing = DOING.get(method);
    if (doing === undefined || path === undefined) return undefined;
    // Who insists asks the same question.
    const key = JSON.stringify([method, path, { ...params, modelId: undefined, insist: undefined }]);
    return { path, doing, key };
  }

  /** Why a question is not passed on to the server, if it is not. */
  refusal(question: Question | undefined): LayerglassError | undefined {
    const fatal = question && this.fatal.get(question.key);
    return fatal && endedError(fatal);
  }

  /** Notes that a question is under way; call what it gives back when the question has ended. */
  begin(question: Question | undefined): () => void {
    if (question === undefined) return () => undefined;
    // Equal questions may be asked side by side, so each is an entry of its own.
    const mine = { ...question };
    this.running.add(mine);
    return () => this.running.delete(mine);
  }

  /** The server died: whatever was under way may have been the cause. Answers what is remembered now. */
  died(): readonly Question[] {
    const suspects = [...this.running];
    for (const question of suspects) this.fatal.set(question.key, question);
    this.running.clear();
    return suspects;
  }

  /** The user asks about this model: everything about it may be asked again. */
  allow(path: string): void {
    for (const [key, question] of this.fatal) if (question.path === path) this.fatal.delete(key);
  }
}

function endedError({ path, doing }: Question): LayerglassError {
  return {
    kind: 'server-ended',
    message: `The analysis server ended while it ${doing} ${basename(path)}, so this is not asked again by itself.`,
    remedy: 'Choose "Try Again" to ask once more; the log says how the server ended.',
    subject: path,
  };
}
