import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';
import type { Schema } from '../../shared/schemas';

/**
 * Checks the parameters of a request or a notification. The sender may be another version of the extension or another client.
 * @throws Failure `bad-input` that names the request and the path of the wrong value.
 */
export function checkParams<Params>(
  { method, params: schema }: { readonly method: string; readonly params: Schema<Params> },
  sent: unknown,
): Params {
  const parsed = schema.safeParse(sent);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place =
    issue === undefined || issue.path.length === 0 ? l10n.t('its parameters') : issue.path.join('.');
  return fail('bad-input', l10n.t('The request {0} has a wrong or missing value for {1}.', method, place), {
    remedy: l10n.t('Reload the window: the extension and its server may be of different versions.'),
  });
}
