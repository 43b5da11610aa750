const PAGE_BYTES = 65536;

/**
 * Bounds the memory of the WebAssembly instances that `load` creates: growing beyond `maxBytes` fails, and so does the
 * allocation, as if the machine had no more memory. C libraries allocate what a file declares.
 */
export async function withBoundedMemory<T>(maxBytes: number, load: () => Promise<T>): Promise<T> {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (source, imports) => {
    const result = await instantiate(source, imports);
    const { memory } = result.instance.exports;
    if (memory instanceof WebAssembly.Memory) boundMemory(memory, maxBytes);
    return result;
  };
  try {
    return await load();
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}

function boundMemory(memory: WebAssembly.Memory, maxBytes: number): void {
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * PAGE_BYTES > maxBytes) {
      throw new RangeError(`WebAssembly may not use more than ${maxBytes} bytes here`);
    }
    return grow(pages);
  };
}
