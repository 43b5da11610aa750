const PAGE_BYTES = 65536;

/**
 * Bounds the memory of the WebAssembly instances that `load` makes: beyond `maxBytes` growing fails, and with it the
 * allocation that asked for it, as when the machine had no more. What libraries of C allocate is what a file claims.
 */
export async function withBoundedMemory<T>(maxBytes: number, load: () => Promise<T>): Promise<T> {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (source, imports) => {
    const made = await instantiate(source, imports);
    const { memory } = made.instance.exports;
    if (memory instanceof WebAssembly.Memory) bound(memory, maxBytes);
    return made;
  };
  try {
    return await load();
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}

function bound(memory: WebAssembly.Memory, maxBytes: number): void {
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * PAGE_BYTES > maxBytes) {
      throw new RangeError(`WebAssembly may not use more than ${maxBytes} bytes here`);
    }
    return grow(pages);
  };
}
