import { basename, dirname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { Failure, fail } from '../../shared/errors';

const CAUSES: Readonly<Record<string, readonly [why: string, remedy: string]>> = {
  ENOSPC: [l10n.t('the disk is full'), l10n.t('Free some space or choose another folder.')],
  EDQUOT: [l10n.t('your quota is used up'), l10n.t('Free some space or choose another folder.')],
  EACCES: [l10n.t('you may not write there'), l10n.t('Choose another folder.')],
  EPERM: [l10n.t('you may not write there'), l10n.t('Choose another folder.')],
  EEXIST: [l10n.t('there is a file where a folder must be'), l10n.t('Choose another folder.')],
  ENOTDIR: [l10n.t('there is a file where a folder must be'), l10n.t('Choose another folder.')],
  EISDIR: [l10n.t('there is a folder of this name'), l10n.t('Choose another name.')],
  EROFS: [l10n.t('the disk is read-only'), l10n.t('Choose another folder.')],
  ENAMETOOLONG: [l10n.t('its name is too long'), l10n.t('Choose a shorter name.')],
  ERR_INVALID_ARG_VALUE: [l10n.t('its name contains a NUL character'), l10n.t('Choose another name.')],
};

/** Failures of the system while `target` is written, as failures that name it. @throws Failure `write-failed` */
export function withWriteErrors<T>(target: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
    const [why, remedy] = CAUSES[code] ?? [code, l10n.t('Choose another folder.')];
    return fail(
      'write-failed',
      l10n.t('{0} could not be written to {1}: {2} ({3}).', basename(target), dirname(target), why, code),
      {
        subject: target,
        remedy,
      },
    );
  }
}
