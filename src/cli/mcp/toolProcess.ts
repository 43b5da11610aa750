import { join } from 'node:path';
import { Compute } from '../../server/compute/compute';
import { forkCompute } from '../../server/compute/spareProcess';
import { OpenModels } from '../../server/session/openModels';
import type { ToolHost } from '../../server/tools/tool';
import type { ServerOptions } from '../../shared/protocol';

/** The server's bundle, which lies beside that of the command line. */
const SERVER = join(__dirname, 'server.js');

/**
 * What tools answer from: models are opened and described in this process, and run in one of their own, whose memory is bounded and which
 * is replaced when a model ends it.
 */
export function startToolHost(options: ServerOptions): ToolHost & { dispose(): void } {
  const compute = new Compute({
    fork: () => forkCompute(SERVER),
    options,
    backendChanged: () => {},
    reached: () => {},
    // stdout is the protocol's.
    log: (level, text) => {
      if (level !== 'info') process.stderr.write(`${text}\n`);
    },
    computing: () => {},
    // There is nobody to ask: clients show the progress and cancel.
    askToStop: async () => null,
  });
  const models = new OpenModels({ ...options, strict: true }, (model, close) => {
    if (close()) compute.release(model);
  });
  return { models, compute, dispose: () => compute.dispose() };
}
