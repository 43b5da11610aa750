import { createServer, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar/header';
import type { EntryTypeName } from 'tar/types';

export interface TarEntry {
  readonly path: string;
  readonly content?: string;
  readonly type?: EntryTypeName;
  readonly linkpath?: string;
}

/** A `.tar.gz` file with entries as they are given, hostile ones included. */
export function tarball(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = '', type = 'File', linkpath }) => {
    const header = new Header({
      ...{ path, type, mode: 0o644, size: content.length, mtime: new Date(0) },
      ...(linkpath === undefined ? {} : { linkpath }),
    });
    header.encode();
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512);
    body.write(content);
    return [header.block ?? Buffer.alloc(0), body];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

/** JavaScript that passes for `@tensorflow/tfjs-node`, as far as it is tried after the download. */
export const FAKE_PACKAGE = `
exports.tensor2d = (values) => values;
exports.matMul = () => ({ dataSync: () => [17, 39] });
exports.backend = () => ({ binding: { TF_Version: '2.9.1' } });
exports.ready = async () => undefined;
exports.getBackend = () => 'tensorflow';
`;

/** What the hosts send, by the end of the path; small archives of the real layout. @param main `dist/index.js` of the package */
export function archiveAt(path: string, main = FAKE_PACKAGE): Buffer {
  if (path.includes('/libtensorflow/'))
    return tarball([
      { path: './', type: 'Directory' },
      { path: './LICENSE', content: 'Apache' },
      { path: './include/tensorflow/c/c_api.h', content: 'unwanted' },
      { path: './lib/libtensorflow.so', type: 'SymbolicLink', linkpath: 'libtensorflow.so.2' },
      { path: './lib/libtensorflow.so.2', type: 'SymbolicLink', linkpath: 'libtensorflow.so.2.9.1' },
      { path: './lib/libtensorflow.so.2.9.1', content: 'library' },
    ]);
  if (path.includes('/tf-builds/'))
    return tarball([{ path: 'napi-v8/tfjs_binding.node', content: 'binding' }]);
  if (!path.endsWith('/tfjs-node-4.22.0.tgz'))
    return tarball([
      { path: 'package/package.json', content: '{}' },
      { path: 'package/index.js.map', content: 'unwanted' },
    ]);
  return tarball([
    { path: 'package/package.json', content: '{"main": "dist/index.js"}' },
    { path: 'package/dist/index.js', content: main },
    { path: 'package/dist/nodejs_kernel_backend.js', content: '' },
  ]);
}

export interface LocalHost {
  readonly origin: string;
  /** The paths that were requested. */
  readonly requested: string[];
  close(): void;
}

/** A server on this machine that stands for both hosts. */
export async function startHost(answer: RequestListener): Promise<LocalHost> {
  const requested: string[] = [];
  const server: Server = createServer((request, response) => {
    requested.push(request.url ?? '');
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://127.0.0.1:${address.port}`, requested, close };
}
