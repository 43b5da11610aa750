import * as l10n from '@vscode/l10n';
import type { LayerRow } from '../../../shared/model';
import { isRecord } from './parseModel';

/**
 * The dtype in a layer's config: a name (`float32`, `mixed_float16`), the name in a policy object, that of a quantized policy
 * (`int8_from_float32`), or the default of a `DTypePolicyMap`. `float32` where there is none.
 */
export const dtypeOf = (config: Readonly<Record<string, unknown>>): string =>
  policyName(config.dtype) ?? 'float32';

function policyName(policy: unknown): string | null {
  if (typeof policy === 'string') return policy;
  if (!isRecord(policy) || !isRecord(policy.config)) return null;
  const { name, mode, source_name: source, default_policy: fallback } = policy.config;
  if (typeof name === 'string') return name;
  if (typeof mode === 'string') return typeof source === 'string' ? `${mode}_from_${source}` : mode;
  return policyName(fallback);
}

/** Layers named before "and ... more". */
const MAX_NAMED = 3;

/** One sentence per precision other than float32 that layers are saved with, since everything is computed in float32. */
export function precisionNotices(rows: readonly LayerRow[]): string[] {
  const byDtype = new Map<string, string[]>();
  for (const { path, className, isModel, dtype } of rows) {
    // Later calls of a layer are the same layer, and inputs compute nothing.
    if (isModel || className === 'InputLayer' || /@\d+(\/|$)/.test(path) || !/float(16|64)/.test(dtype))
      continue;
    const list = byDtype.get(dtype);
    if (list) list.push(path);
    else byDtype.set(dtype, [path]);
  }
  return [...byDtype].map(([dtype, paths]) => {
    const rest = paths.length - MAX_NAMED;
    const named = paths.slice(0, MAX_NAMED).join(', ');
    const names = rest > 0 ? l10n.t('{0} and {1} more', named, rest) : named;
    return paths.length === 1
      ? l10n.t('1 layer of {0} ({1}): Layerglass computes in float32.', dtype, names)
      : l10n.t('{0} layers of {1} ({2}): Layerglass computes in float32.', paths.length, dtype, names);
  });
}
