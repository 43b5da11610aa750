/** Node has WebAssembly, but its types come only with the DOM types, which the server must not use. */
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer;
    /** Grows by a number of 64 KiB pages and returns the previous number of pages. @throws RangeError if it cannot grow. */
    grow(pages: number): number;
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
  let instantiate: (
    bytes: Uint8Array,
    imports?: object,
  ) => Promise<{ readonly module: Module; readonly instance: Instance }>;
}
