import type { Result } from '../../shared/errors';
import * as protocol from '../../shared/protocol';

interface Known<Server> {
  readonly server: Server;
  /** The model's id in that server. */
  readonly local: string;
  readonly path: string;
}

/** Parameters that name an open model. */
const ID_NAMES = ['modelId', 'otherModelId'] as const;

/**
 * Every server process numbers its models from one. Here they get ids that are unique across processes, so that a request
 * about a model of an ended process never reaches another model of the next process.
 */
export class ModelIds<Server> {
  private readonly known = new Map<string, Known<Server>>();
  private count = 0;

  /** The path of the model that a request is about: its parameters have the path, or the id of an open model. */
  pathOf(params: object): string | undefined {
    if ('path' in params && typeof params.path === 'string') return params.path;
    return 'modelId' in params ? this.known.get(String(params.modelId))?.path : undefined;
  }

  /** The parameters with the server's own ids; `undefined` if a model belongs to another server. */
  outgoing(params: object, server: Server): object | undefined {
    const sent: Record<string, unknown> = { ...params };
    for (const name of ID_NAMES) {
      if (!(name in params)) continue;
      const known = this.known.get(String(sent[name]));
      if (known?.server !== server) return undefined;
      sent[name] = known.local;
    }
    return sent;
  }

  /** The result of `openModel` with a unique id in place of the server's; other results unchanged. */
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

  /** Forgets the ids of other servers. */
  keepOnly(server: Server): void {
    for (const [id, known] of this.known) if (known.server !== server) this.known.delete(id);
  }
}
