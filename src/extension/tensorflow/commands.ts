import * as l10n from '@vscode/l10n';
import { ConfigurationTarget, commands, type Disposable, workspace } from 'vscode';
import { byteText } from '../../shared/amounts';
import { fail, toResult } from '../../shared/errors';
import type { BackendStatus } from '../../shared/model';
import { backendStatus } from '../../shared/protocol';
import type { App } from '../app';
import { guarded, valueOrShow } from '../errors';
import { confirm, notify, withProgress } from '../ui';
import {
  type Archive,
  archivesFrom,
  DOWNLOAD_BYTES,
  HOSTS,
  TENSORFLOW_VERSION,
  TFJS_VERSION,
  whyUnavailable,
} from './archives';
import type { Installation } from './installation';
import { PACKAGES } from './packages';

type Services = Pick<App, 'client' | 'log'>;

/** What is there for this machine; a test replaces it. */
export interface Supply {
  readonly whyUnavailable: string | undefined;
  readonly archives: readonly Archive[];
}

/** Registers the commands that set up TensorFlow as a backend, and remove it. */
export function registerTensorFlowCommands(
  services: Services,
  installation: Installation,
  supply: () => Supply = supplyHere,
): Disposable[] {
  let busy = false;
  /** One at a time: both change the same folder. */
  const register = (name: string, run: () => Promise<void>) =>
    commands.registerCommand(
      `layerglass.${name}`,
      guarded(async () => {
        if (busy)
          fail('not-applicable', l10n.t('The TensorFlow backend is already being set up or removed.'));
        busy = true;
        try {
          await run();
        } finally {
          busy = false;
        }
      }),
    );
  return [
    register('setUpTensorFlow', () => setUp(services, installation, supply())),
    register('removeTensorFlow', () => remove(services, installation)),
  ];
}

function supplyHere(): Supply {
  return {
    whyUnavailable: whyUnavailable(process.platform, process.arch, libcVersion()),
    archives: archivesFrom(HOSTS),
  };
}

/** Version of the GNU C library; `undefined` for another library. */
function libcVersion(): string | undefined {
  const report: unknown = process.report.getReport();
  const header = typeof report === 'object' && report !== null && 'header' in report ? report.header : null;
  const found =
    typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header
      ? header.glibcVersionRuntime
      : undefined;
  return typeof found === 'string' ? found : undefined;
}

async function setUp(services: Services, installation: Installation, supply: Supply): Promise<void> {
  if (supply.whyUnavailable !== undefined) {
    fail('not-applicable', supply.whyUnavailable, {
      remedy: l10n.t(
        'The other backends need no set-up. Where npm and a C++ compiler are installed, "npm install @tensorflow/tfjs-node" builds it: name its folder in layerglass.nativePath.',
      ),
    });
  }
  if (
    !(await confirm(
      l10n.t('Download TensorFlow for Layerglass?'),
      question(installation),
      l10n.t('Download'),
    ))
  )
    return;
  const result = await withProgress('notification', l10n.t('TensorFlow backend'), (report, token) => {
    const cancel = new AbortController();
    const listening = token.onCancellationRequested(() => cancel.abort());
    const log = (line: string) => services.log.info(line);
    const options = { report, log, signal: cancel.signal, proxy: proxyInUse() };
    return toResult(() => installation.install(supply.archives, options)).finally(() => listening.dispose());
  });
  const again = {
    title: l10n.t('Try Again'),
    run: () => commands.executeCommand('layerglass.setUpTensorFlow'),
  };
  const version = valueOrShow(result, [again]);
  if (version === undefined) return;
  const status = await restart(services);
  if (status === undefined) return;
  const used = `${l10n.t('TensorFlow {0} is set up.', version)} ${usedText(status)}`;
  if (status.name === 'native') await notify('info', used);
  else await offerNative(used);
}

function question({ folder, isThere }: Installation): string[] {
  const { packages, tensorflow } = DOWNLOAD_BYTES;
  return [
    l10n.t(
      'From {0}: @tensorflow/tfjs-node {1} and {2} packages that it needs, {3}.',
      new URL(HOSTS.npm).host,
      TFJS_VERSION,
      PACKAGES.length - 1,
      byteText(packages),
    ),
    l10n.t(
      'From {0}: TensorFlow {1} (libtensorflow) and its binding, about {2}.',
      new URL(HOSTS.storage).host,
      TENSORFLOW_VERSION,
      byteText(tensorflow),
    ),
    l10n.t(
      'It is kept in {0}, where it takes about 500 MB, until you run "Layerglass: Remove the TensorFlow Backend".',
      folder,
    ),
    ...(isThere ? [l10n.t('It is set up already; the download replaces it.')] : []),
    l10n.t('It is code that runs with your rights. Nothing about you or your models is sent.'),
  ];
}

async function remove(services: Services, installation: Installation): Promise<void> {
  if (!(await installation.remove())) {
    await notify('info', l10n.t('There is no TensorFlow backend that Layerglass set up.'));
    return;
  }
  const status = await restart(services);
  if (status !== undefined)
    await notify('info', `${l10n.t('The TensorFlow backend was removed.')} ${usedText(status)}`);
}

/** Restarts the server, so that it finds what was set up or misses what was removed. @returns the backend that it uses now */
async function restart({ client }: Services): Promise<BackendStatus | undefined> {
  client.noteUserRequest();
  await client.restart();
  return valueOrShow(await client.ask(backendStatus, {}));
}

const usedText = ({ name, reason }: BackendStatus): string =>
  l10n.t('Models are computed on {0} ({1}).', name, reason);

/** The setting `auto` takes another backend first, until TensorFlow is measured as the fastest. */
async function offerNative(used: string): Promise<void> {
  const choose = l10n.t('Use TensorFlow');
  const text = `${used} ${l10n.t('To use TensorFlow, set layerglass.backend to native.')}`;
  if ((await notify('info', text, choose)) !== choose) return;
  const settings = workspace.getConfiguration('layerglass');
  const { workspaceValue } = settings.inspect('backend') ?? {};
  const target = workspaceValue === undefined ? ConfigurationTarget.Global : ConfigurationTarget.Workspace;
  // The server restarts when the setting changes.
  await settings.update('backend', 'native', target);
}

/** The proxy that VS Code uses for requests of extensions, without a password; `undefined` for none that is known here. */
function proxyInUse(): string | undefined {
  const { HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy } = process.env;
  const setting = workspace.getConfiguration('http').get<string>('proxy');
  const text = [setting, HTTPS_PROXY, https_proxy, HTTP_PROXY, http_proxy].find((one) => one);
  if (text === undefined) return undefined;
  return URL.canParse(text) ? new URL(text).host : l10n.t('of the setting or the environment');
}
