/** Node has WebAssembly, but its types come only with those of the browser, which the server must not see. */
declare namespace WebAssembly {
  function compile(bytes: Uint8Array): Promise<Module>;
}
