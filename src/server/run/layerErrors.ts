import * as l10n from '@vscode/l10n';
import { Failure, fail, stackOf } from '../../shared/errors';
import type { GraphNode } from '../graph/graph';
import { isOutOfMemory } from './backends/outOfMemory';
import { MemoryFailure } from './backends/wasmMemory';

/** Turns any error of `work` into a `Failure` that names the layer. */
export function withLayerErrors<T>(node: GraphNode, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof MemoryFailure) throw thrown.of(node.path, node.className);
    if (thrown instanceof Failure) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    if (isBroken(thrown)) {
      return fail(
        'compute-ended',
        l10n.t('Layer "{0}" ({1}) broke the backend: {2}.', node.path, node.className, why),
        {
          subject: node.path,
          remedy: l10n.t('Choose a smaller input or another backend (setting layerglass.backend).'),
          stack: stackOf(thrown),
        },
      );
    }
    return fail(
      'backend',
      l10n.t('Layer "{0}" ({1}) could not be computed: {2}', node.path, node.className, why),
      {
        subject: node.path,
        remedy: l10n.t(
          'Try another backend (setting layerglass.backend) and report it with the layer’s config.',
        ),
        stack: stackOf(thrown),
      },
    );
  }
}

/** A WebAssembly module that trapped or ran out of memory inside a kernel computes wrong numbers afterwards. */
const isBroken = (thrown: unknown): boolean =>
  isOutOfMemory(thrown) || (thrown instanceof Error && thrown.name === 'RuntimeError');
