/** ONNX Runtime's native libraries: which files a platform needs, and putting them beside the bundles. */
import { copyFileSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inProject, isThere, Trouble } from '../lib.mjs';

/** The target whose package contains no native library; it runs everywhere. */
export const UNIVERSAL = 'universal';

const BINDING = 'onnxruntime_binding.node';
const LINUX = [BINDING, 'libonnxruntime.so.1'];

/**
 * Of onnxruntime-node's files, those that are needed to compute on the CPU, by the Marketplace's name of the platform.
 *
 * Windows: the binding imports onnxruntime.dll, which imports only DLLs of Windows and of the Visual C++ runtime. DirectML.dll is
 * in its table of delayed imports, that is, loaded by the first call of the DirectML provider; dxcompiler.dll and dxil.dll
 * are in neither table, the WebGPU provider loads them by name. None of these providers is asked for.
 *
 * macOS: the binding loads `@rpath/libonnxruntime.1.dylib`, which is also the library's own name; the file named by the full
 * version is the same one again.
 */
const FILES = {
  'linux-x64': LINUX,
  'linux-arm64': LINUX,
  'win32-x64': [BINDING, 'onnxruntime.dll'],
  'win32-arm64': [BINDING, 'onnxruntime.dll'],
  'darwin-arm64': [BINDING, 'libonnxruntime.1.dylib'],
};

/** Every target that a VSIX can be made for. */
export const TARGETS = [...Object.keys(FILES), UNIVERSAL];

/** The target of this machine; `universal` where ONNX Runtime has no library for it. */
export function targetHere() {
  const here = `${process.platform}-${process.arch}`;
  return here in FILES ? here : UNIVERSAL;
}

/** @throws {Trouble} when a target is not one of TARGETS */
export function checkTarget(target) {
  if (!TARGETS.includes(target))
    throw new Trouble(`Unknown target ${target}: choose one of ${TARGETS.join(', ')}.`);
}

/**
 * Makes `onnx` inside `dist` contain the libraries of a target, with the licences that must travel with them; there is no such
 * folder for the universal target.
 * @param {string} dist
 * @param {string} target one of TARGETS
 * @throws {Trouble} for an unknown target, and when a library is missing
 */
export function putOnnxRuntime(dist, target) {
  checkTarget(target);
  const folder = join(dist, 'onnx');
  if (target === UNIVERSAL) {
    rmSync(folder, { recursive: true, force: true });
    return;
  }
  const libraries = inProject('node_modules/onnxruntime-node/bin/napi-v6', ...target.split('-'));
  const sources = [
    ...FILES[target].map((file) => join(libraries, file)),
    // The npm package contains neither; these are from the release of the same version on PyPI.
    ...readdirSync(inProject('licenses/onnxruntime')).map((file) => inProject('licenses/onnxruntime', file)),
  ];
  mkdirSync(folder, { recursive: true });
  const names = sources.map((source) => basename(source));
  for (const file of readdirSync(folder)) if (!names.includes(file)) rmSync(join(folder, file));
  for (const source of sources) {
    if (!isThere(source)) throw new Trouble(`${source} is missing: run npm ci.`);
    put(source, join(folder, basename(source)));
  }
}

/** Links a file to a second place, or copies it where that is on another disk. */
function put(source, target) {
  // A server may have loaded the library, and what is loaded must not be written to (nor can be, on Windows).
  if (isThere(target) && isSame(source, target)) return;
  rmSync(target, { force: true });
  try {
    linkSync(source, target);
  } catch {
    copyFileSync(source, target);
  }
}

function isSame(first, second) {
  const [one, other] = [statSync(first), statSync(second)];
  if (one.size !== other.size) return false;
  return (one.ino === other.ino && one.dev === other.dev) || readFileSync(first).equals(readFileSync(second));
}
