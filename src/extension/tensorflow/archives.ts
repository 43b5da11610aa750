import * as l10n from '@vscode/l10n';
import { PACKAGES, type PackagePin } from './packages';

/** What the packages of TF.js share, so that every copy of its core is the same one. */
export const TFJS_VERSION = '4.22.0';
/** The TensorFlow that the binding of that version was built with (`scripts/deps-constants.js` of `@tensorflow/tfjs-node`). */
export const TENSORFLOW_VERSION = '2.9.1';

/** Where archives are downloaded from. */
export interface Hosts {
  readonly npm: string;
  readonly storage: string;
}

export const HOSTS: Hosts = {
  npm: 'https://registry.npmjs.org',
  storage: 'https://storage.googleapis.com',
};

/** A `.tar.gz` file that is downloaded. */
export interface Archive {
  /** What progress and errors call it. */
  readonly name: string;
  readonly url: string;
  /** `undefined` where nobody publishes one. */
  readonly digest: Digest | undefined;
  /** Bound of the download, in bytes. */
  readonly maxBytes: number;
  /** Bound of what is unpacked, in bytes. */
  readonly maxUnpackedBytes: number;
  /** Where it is unpacked, in the folder of the installation. */
  readonly folder: string;
  /** How many leading folders of its paths are dropped. */
  readonly strip: number;
  /** Of its files, those that are unpacked, by their path without a leading `./`. */
  readonly wanted: RegExp;
}

export interface Digest {
  readonly algorithm: 'sha256' | 'sha512';
  readonly encoding: 'hex' | 'base64';
  readonly value: string;
}

/** For the question before the download: packages 55 MB, measured; TensorFlow about 100 MB. */
export const DOWNLOAD_BYTES = { packages: 55e6, tensorflow: 100e6 } as const;

/** The folder of the package in an installation. */
export const PACKAGE_FOLDER = 'node_modules/@tensorflow/tfjs-node';

/**
 * Why a ready-made TensorFlow cannot be downloaded for a machine; `undefined` if it can. For this version of
 * `@tensorflow/tfjs-node` its makers published a binding for Linux on x64 alone (https://github.com/tensorflow/tfjs/issues/8736
 * for Windows, https://github.com/tensorflow/tfjs/issues/8481 for macOS), and libtensorflow needs the GNU C library.
 *
 * @param platform as Node names it
 * @param libc version of the GNU C library; `undefined` for another library
 */
export function whyUnavailable(platform: string, arch: string, libc: string | undefined): string | undefined {
  const here = `${platform}-${arch}`;
  if (here !== 'linux-x64')
    return l10n.t(
      'There is no ready-made TensorFlow backend for {0}: the makers of @tensorflow/tfjs-node {1} publish one for linux-x64 only.',
      ...[here, TFJS_VERSION],
    );
  return libc === undefined
    ? l10n.t('There is no ready-made TensorFlow backend for {0} without the GNU C library (glibc).', here)
    : undefined;
}

/** All that is downloaded, for Linux on x64. What may be missing comes first, so that its absence costs no long download. */
export function archivesFrom(hosts: Hosts): readonly Archive[] {
  return [binding(hosts), ...PACKAGES.map((pin) => npmPackage(hosts, pin)), libtensorflow(hosts)];
}

/** Node-API is stable: this build loads in every version of Node and Electron since Node 12. */
const NODE_API = 'napi-v8';

/** The binding between Node and TensorFlow, as `node-pre-gyp` would download it. */
function binding({ storage }: Hosts): Archive {
  return {
    name: l10n.t('the binding of @tensorflow/tfjs-node'),
    url: `${storage}/tf-builds/pre-built-binary/${NODE_API}/${TFJS_VERSION}/CPU-linux-${TFJS_VERSION}.tar.gz`,
    digest: undefined,
    maxBytes: 10e6,
    maxUnpackedBytes: 20e6,
    folder: `${PACKAGE_FOLDER}/lib`,
    strip: 0,
    wanted: new RegExp(`^${NODE_API}/tfjs_binding\\.node$`),
  };
}

/** TensorFlow's C library, as the install script of `@tensorflow/tfjs-node` would download it. The digest is that which nixpkgs states. */
function libtensorflow({ storage }: Hosts): Archive {
  return {
    name: `libtensorflow ${TENSORFLOW_VERSION}`,
    url: `${storage}/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-${TENSORFLOW_VERSION}.tar.gz`,
    digest: {
      algorithm: 'sha256',
      encoding: 'hex',
      value: '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
    },
    maxBytes: 400e6,
    maxUnpackedBytes: 2e9,
    folder: `${PACKAGE_FOLDER}/deps`,
    strip: 0,
    wanted: /^(?:lib\/libtensorflow(?:_framework)?\.so[.\d]*|[A-Z_]*LICENSES?)$/,
  };
}

function npmPackage({ npm }: Hosts, [name, version, sha512]: PackagePin): Archive {
  return {
    name: `${name} ${version}`,
    url: `${npm}/${name}/-/${name.split('/').at(-1)}-${version}.tgz`,
    digest: { algorithm: 'sha512', encoding: 'base64', value: sha512 },
    maxBytes: 60e6,
    maxUnpackedBytes: 400e6,
    folder: `node_modules/${name}`,
    strip: 1,
    // Neither source maps nor types, which are two thirds of it.
    wanted: /\.(?:c?js|json)$|\/(?:licen[cs]e|notice|copying)[^/]*$/i,
  };
}
