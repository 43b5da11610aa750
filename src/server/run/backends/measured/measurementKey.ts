import { existsSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { readFile } from '../../../io/openFile';
import { extensionRoot, nativePackage } from '../native';
import { bindingFile } from '../onnx/binding';
import { threadCount } from '../threads';

const MAX_MANIFEST_BYTES = 1 << 20;
/** Packages whose versions decide how fast a backend is. */
const LIBRARIES = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm', 'onnxruntime-node'] as const;

const manifestSchema = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

/** What the times of backends depend on. */
export interface Circumstances {
  /** Setting `layerglass.nativePath`. */
  readonly nativePath: string;
  /** Setting `layerglass.threads`. */
  readonly threads?: number;
}

/**
 * Equal where backends take the same time: on the same machine, with the same versions, native package and threads. Starts
 * nothing.
 */
export function measurementKey({ nativePath, threads = 0 }: Circumstances): string {
  const processors = cpus();
  const own = manifest(extensionRoot());
  return JSON.stringify([
    ...[platform(), arch(), processors[0]?.model ?? '', processors.length, threadCount(threads)],
    own?.version ?? '',
    ...LIBRARIES.map((name) => own?.dependencies[name] ?? ''),
    isThere(bindingFile) ? 'onnx' : '',
    nativeVersion(nativePath),
  ]);
}

/** The package's folder and version; empty where there is none. */
function nativeVersion(nativePath: string): string {
  try {
    const folder = nativePackage(nativePath);
    return `${folder} ${manifest(folder)?.version ?? ''}`;
  } catch {
    return '';
  }
}

function isThere(find: () => string): boolean {
  try {
    return existsSync(find());
  } catch {
    return false;
  }
}

function manifest(folder: string): z.infer<typeof manifestSchema> | null {
  try {
    return manifestSchema.parse(
      JSON.parse(readFile(join(folder, 'package.json'), MAX_MANIFEST_BYTES).toString('utf8')),
    );
  } catch {
    return null;
  }
}
