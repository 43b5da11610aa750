import type { BuildOptions } from 'esbuild';

/** esbuild's options for code that runs in Node; `dist/wasm` takes the library for HDF5. */
export function nodeBundle(dist: string, production?: boolean): BuildOptions;

/** Puts the WebAssembly files of the libraries into `wasm` inside `dist`. */
export function copyWasm(dist: string): void;
