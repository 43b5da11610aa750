import * as l10n from '@vscode/l10n';
import { Failure } from '../../shared/errors';
import { isRecord, isTopology, parseJson, type Topology } from '../formats/topology';
import type { Graph } from '../graph/graph';
import { buildGraph } from '../graph/keras/build';
import { findKind } from '../kinds/registry';

/**
 * The graph of a Keras model that a text describes, as `model.to_json()` or as TensorFlow.js writes it; `null` for another text, one
 * that is not finished, or one that is too large.
 * @param path for messages; the file is not read.
 */
export function graphOfText(text: string, path: string): Graph | null {
  try {
    const found = topologyIn(parseJson(text, path, l10n.t('its content')));
    return found === null ? null : buildGraph({ ...found, format: 'topology', path }, findKind);
  } catch (thrown) {
    if (thrown instanceof Failure) return null;
    throw thrown;
  }
}

function topologyIn(
  json: unknown,
): { readonly topology: Topology; readonly kerasVersion: string | null } | null {
  if (isTopology(json)) return { topology: json, kerasVersion: versionIn(json) ?? versionOfModule(json) };
  const outer = isRecord(json) ? json.modelTopology : undefined;
  const inner = isRecord(outer) && !isTopology(outer) ? outer.model_config : outer;
  return isTopology(inner) ? { topology: inner, kerasVersion: versionIn(outer) } : null;
}

const versionIn = (json: unknown): string | null =>
  isRecord(json) && typeof json.keras_version === 'string' ? json.keras_version : null;

/** Keras 3 alone records the module of a class. */
const versionOfModule = ({ module }: Topology): string | null => (typeof module === 'string' ? '3' : null);
