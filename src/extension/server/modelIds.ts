import type { Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';

interface Known<Server> {
  readonly server: Server;
  /** The id by which that server knows the model. */
  readonly local: string;
  readonly path: string;
}

/**
 * Every server process numbers its models from one. Here they get ids that no other process gives out, so that a
 * question about a model of a process that is gone never reaches another model of the next one.
 */
export class ModelIds<Server> {
  private readonly known = new Map<string, Known<Server>>();
  private count = 0;

  /** The path of the model that a question is about: it names the path, or the id of a model that is open. */
  pathOf(params: object): string | undefined {
    if ('path' in params && typeof params.path === 'string') return params.path;
    return 'modelId' in params ? this.known.get(String(params.modelId))?.path : undefined;
  }

  /** The parameters with the id that this server knows; `undefined` when it knows none. */
  outgoing(params: object, server: Server): object | undefined {
    if (!('modelId' in params)) return { ...params };
    const known = this.known.get(String(params.modelId));
    return known?.server === server ? { ...params, modelId: known.local } : undefined;
  }

  /** The answer with an id of ours in the place of the server's. */
  incoming<Value>(method: string, result: Result<Value>, server: Server): Result<Value> {
    if (!result.ok || method !== protocol.openModel.method) return result;
    const { value } = result;
    if (typeof value !== 'object' || value === null || !('modelId' in value) || !('path' in value))
      return result;
    this.count += 1;
    const modelId = `open-${this.count}`;
    this.known.set(modelId, { server, local: String(value.modelId), path: String(value.path) });
    return { ok: true, value: { ...value, modelId } };
  }

  /** Forgets what other servers gave out. */
  only(server: Server): void {
    for (const [id, known] of this.known) if (known.server !== server) this.known.delete(id);
  }
}
