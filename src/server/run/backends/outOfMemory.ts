/** V8's messages for an array that does not fit into JavaScript's or WebAssembly's memory. */
const TOO_LONG = /typed array length|allocation failed|outside the bounds|offset is out of bounds/i;
/** Messages of Emscripten and of `checkAllocations`. */
const EXHAUSTED = /^Aborted\(|out of memory/i;

/** Whether an error means that memory is exhausted. */
export function isOutOfMemory(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error)) return false;
  return EXHAUSTED.test(thrown.message) || (thrown instanceof RangeError && TOO_LONG.test(thrown.message));
}
