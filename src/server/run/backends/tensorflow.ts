/**
 * TensorFlow.js, a separate bundle (`dist/tensorflow.js`) shared by the server and the command line: most requests need no
 * tensors, and loading it would take a third of every start. Each part is evaluated on first use.
 */
export const core = () => import('@tensorflow/tfjs-core');
export const cpuBackend = () => import('@tensorflow/tfjs-backend-cpu');
export const wasmBackend = () => import('@tensorflow/tfjs-backend-wasm');
/** The JavaScript around the WebAssembly module with threads, which the backend starts only in browsers. */
export const threadedWasm = () =>
  import('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js');
/** tfjs-core comes without the gradients of its operations. */
export const allGradients = () => import('@tensorflow/tfjs-core/dist/register_all_gradients');
