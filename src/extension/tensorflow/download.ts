import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { pipeline } from 'node:stream/promises';
import * as l10n from '@vscode/l10n';
import { Failure, fail } from '../../shared/errors';
import type { Archive } from './archives';

/** A server or a proxy that sends nothing for this long is given up. */
const SILENCE_MS = 30_000;

export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** The proxy in use, as errors name it; `undefined` for none. */
  readonly proxy?: string | undefined;
  /** Called with the bytes so far and, if the server states it, their number. */
  readonly progress?: (received: number, total: number | undefined) => void;
  readonly silenceMs?: number;
}

/**
 * Downloads an archive to a new file. VS Code lets requests of extensions through these modules of Node pass the proxy of its setting `http.proxy`,
 * of the environment or of the system, so that there is no proxy here.
 *
 * @returns the SHA-256 of the file, in hex
 * @throws Failure `download-failed`, which names the host and the cause; `too-large`; `write-failed`; `cancelled`
 */
export async function download(archive: Archive, file: string, options: DownloadOptions): Promise<string> {
  const { signal, progress, silenceMs = SILENCE_MS } = options;
  const url = new URL(archive.url);
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), silenceMs);
  const stop = AbortSignal.any([signal, silence.signal]);
  const sha256 = createHash('sha256');
  const { digest } = archive;
  const stated = createHash(digest?.algorithm ?? 'sha256');
  const md5 = createHash('md5');
  try {
    const response = await get(url, stop);
    if (response.statusCode !== 200) {
      response.destroy();
      return refused(archive, url, options.proxy, response.statusCode ?? 0);
    }
    const total = Number(response.headers['content-length']) || undefined;
    let received = 0;
    await pipeline(
      response,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          timer.refresh();
          received += chunk.length;
          if (received > archive.maxBytes) tooLarge(archive, url);
          for (const hash of [sha256, md5, stated]) hash.update(chunk);
          progress?.(received, total);
          yield chunk;
        }
      },
      createWriteStream(file, { flags: 'wx', mode: 0o600 }),
      { signal: stop },
    );
    if (digest !== undefined && stated.digest(digest.encoding) !== digest.value)
      changed(archive, url, l10n.t('its {0} is another one', digest.algorithm.toUpperCase()));
    // Google's storage states one: it shows what a proxy changed or cut off, where there is no digest of the makers.
    const sum = /md5=([\w+/=]+)/.exec(String(response.headers['x-goog-hash'] ?? ''))?.[1];
    if (sum !== undefined && sum !== md5.digest('base64'))
      changed(archive, url, l10n.t('its MD5 is another one'));
    return sha256.digest('hex');
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    if (signal.aborted) return fail('cancelled', l10n.t('Cancelled.'));
    if (isOfDisk(thrown)) {
      return fail(
        'write-failed',
        l10n.t('{0} could not be written to {1}: {2}', archive.name, file, textOf(thrown)),
        {
          remedy: l10n.t('Free some space on that disk and try again.'),
          subject: file,
        },
      );
    }
    const silent = l10n.t('nothing was received for {0} s', silenceMs / 1000);
    return unreachable(url, options.proxy, silence.signal.aborted ? silent : textOf(thrown));
  } finally {
    clearTimeout(timer);
  }
}

function get(url: URL, signal: AbortSignal): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'http:' ? http : https).get(url, { signal }, resolve);
    request.once('error', reject);
  });
}

const NETWORK_REMEDY = l10n.t(
  'Check the network and try again; behind a proxy, set "http.proxy" in VS Code. Or install @tensorflow/tfjs-node with npm elsewhere, and name its folder in layerglass.nativePath.',
);

/** Causes in plain words, by Node's code. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: l10n.t('its name is not known to this network'),
  EAI_AGAIN: l10n.t('its name is not known to this network'),
  ECONNREFUSED: l10n.t('the connection was refused'),
  ECONNRESET: l10n.t('the connection was broken'),
  ETIMEDOUT: l10n.t('there was no answer'),
  ENETUNREACH: l10n.t('there is no network'),
  SELF_SIGNED_CERT_IN_CHAIN: l10n.t('its certificate is not trusted'),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: l10n.t('its certificate is not trusted'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: l10n.t('its certificate is not trusted'),
  CERT_HAS_EXPIRED: l10n.t('its certificate has expired'),
  ENOSPC: l10n.t('the disk is full'),
};

function unreachable(url: URL, proxy: string | undefined, cause: string): never {
  fail(
    'download-failed',
    proxy === undefined
      ? l10n.t('{0} could not be reached: {1}.', url.hostname, cause)
      : l10n.t('{0} could not be reached through the proxy {1}: {2}.', url.hostname, proxy, cause),
    {
      remedy: NETWORK_REMEDY,
      subject: url.href,
    },
  );
}

/** Where a proxy lets a connection not through, its answer comes instead of the server's. */
function refused({ name }: Archive, url: URL, proxy: string | undefined, status: number): never {
  const cause = ANSWERS[status] ?? l10n.t('it gave no file');
  fail(
    'download-failed',
    proxy === undefined
      ? l10n.t('{0} did not send {1}: {2} (status {3}).', url.hostname, name, cause, status)
      : l10n.t(
          '{0} did not send {1} through the proxy {2}: {3} (status {4}).',
          ...[url.hostname, name, proxy, cause, status],
        ),
    { remedy: NETWORK_REMEDY, subject: url.href },
  );
}

const ANSWERS: Readonly<Record<number, string>> = {
  403: l10n.t('it is forbidden'),
  404: l10n.t('the file is not there'),
  407: l10n.t('the proxy asks for a name and a password'),
};

function changed({ name }: Archive, url: URL, cause: string): never {
  fail('download-failed', l10n.t('What {0} sent is not {1}: {2}.', url.hostname, name, cause), {
    remedy: l10n.t('Nothing of it was kept. Try again; a proxy or a scanner on the way may have changed it.'),
    subject: url.href,
  });
}

function tooLarge({ name, maxBytes }: Archive, url: URL): never {
  fail(
    'too-large',
    l10n.t(
      'What {0} sends as {1} is larger than {2} MB, which it should not be.',
      ...[url.hostname, name, maxBytes / 1e6],
    ),
    {
      remedy: l10n.t('Nothing of it was kept.'),
      subject: url.href,
    },
  );
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';

/** A refused connection to several addresses is one error without a message. */
function textOf(thrown: unknown): string {
  const code = codeOf(thrown);
  const plain = CAUSES[code];
  if (plain !== undefined) return `${plain} (${code})`;
  return (thrown instanceof Error ? thrown.message : String(thrown)) || code;
}

const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS', 'EIO', 'ENOENT', 'EEXIST']);

/** A firewall may refuse a connection with one of these codes, too. */
const isOfDisk = (thrown: unknown): boolean =>
  DISK_CODES.has(codeOf(thrown)) &&
  !(thrown instanceof Error && 'syscall' in thrown && thrown.syscall === 'connect');
