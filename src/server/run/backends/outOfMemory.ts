/** V8's words for an array that does not fit into the memory, JavaScript's or WebAssembly's. */
const TOO_LONG = /typed array length|allocation failed|outside the bounds|offset is out of bounds/i;
/** Emscripten's, and those of `refuseNullBlocks`. */
const EXHAUSTED = /^Aborted\(|out of memory/i;

/** Whether something was thrown because there is not so much memory. */
export function isOutOfMemory(thrown: unknown): thrown is Error {
  if (!(thrown instanceof Error)) return false;
  return EXHAUSTED.test(thrown.message) || (thrown instanceof RangeError && TOO_LONG.test(thrown.message));
}
