import * as l10n from '@vscode/l10n';
import { fail } from '../../shared/errors';

/** Characters of a name, or of a path that includes the models around it. Names in published models are far shorter. */
export const MAX_NAME_LENGTH = 1000;

/**
 * Refuses a name of more than `MAX_NAME_LENGTH` characters: a row names each of its inputs, so a few thousand layers with
 * such names would make gigabytes of text. Names are not shortened, because weights and connections are found by them.
 * @param what 'a layer', 'a class', ...
 * @throws Failure `too-large`.
 */
export function checkName(name: string, what: string): void {
  if (name.length <= MAX_NAME_LENGTH) return;
  const start = JSON.stringify(name.slice(0, 40));
  fail(
    'too-large',
    l10n.t(
      'The file names {0} {1}… with {2} letters, more than {3}.',
      what,
      start,
      name.length,
      MAX_NAME_LENGTH,
    ),
    {
      remedy: l10n.t('Give it a shorter name and save the model again.'),
    },
  );
}
