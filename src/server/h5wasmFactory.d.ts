declare module '*/hdf5_util.js' {
  /** Makes an instance of the library with a memory of its own. */
  export default function createModule(options: {
    readonly noInitialRun: boolean;
    /** Called when the library gives up, mostly for want of memory; the instance must not be used any more. */
    readonly onAbort: () => void;
  }): typeof import('h5wasm').ready;
}
