import { parentPort, workerData } from 'node:worker_threads';
import {
  createMessageConnection,
  PortMessageReader,
  PortMessageWriter,
  SharedArrayReceiverStrategy,
  SharedArraySenderStrategy,
} from 'vscode-languageserver/node';
import { fail, toResult } from '../../../shared/errors';
import { OpenWeights } from '../../answers/weights/openWeights';
import { OpenModels } from '../../session/openModels';
import { OpenVersions } from '../openVersions';
import { findWeightHandler } from './handlers';
import * as messages from './messages';
import type { WeightsThreadOptions } from './startThread';

/** The thread for weights: opens the files itself and may be busy as long as it likes. */
export function serveWeights(): void {
  if (parentPort === null) fail('internal', 'The thread for weights was started as a process.');
  const { customLayers }: WeightsThreadOptions = workerData;
  const models = new OpenModels({ customLayers, strict: false });
  const versions = new OpenVersions({
    openVersion: (...version) => models.openVersion(...version),
    // The server has kept it a little longer already.
    close: (id) => models.close(id, true),
  });
  const open = new OpenWeights();
  const connection = createMessageConnection(
    new PortMessageReader(parentPort),
    new PortMessageWriter(parentPort),
    undefined,
    {
      // Seen by work that never waits.
      cancellationStrategy: {
        receiver: new SharedArrayReceiverStrategy(),
        sender: new SharedArraySenderStrategy(),
      },
    },
  );
  connection.onRequest(messages.request, ({ run, method, model, params }, token) =>
    toResult(async () => {
      const row = findWeightHandler(method);
      if (!row) return fail('internal', `The thread for weights knows no request "${method}".`);
      return row.handle(open, await versions.open(model), params, {
        isCancelled: () => token.isCancellationRequested,
        report: (fraction, message) =>
          void connection.sendProgress(messages.progress, run, { fraction, message }),
      });
    }),
  );
  connection.onNotification(messages.release, (model) => versions.release(model));
  connection.listen();
}
