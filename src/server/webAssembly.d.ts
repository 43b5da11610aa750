/** Node has WebAssembly, but its types come only with those of the browser, which the server must not see. */
declare namespace WebAssembly {
  class Memory {
    readonly buffer: ArrayBuffer;
    /** By so many pages of 64 KiB; gives the pages that there were. Throws a `RangeError` where it cannot. */
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
