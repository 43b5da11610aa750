/**
 * TensorFlow.js, a bundle of its own (`dist/tensorflow.js`) that the server's and the command line's share: most of what
 * they do takes no tensors, and reading it would be a third of every start. Each part is evaluated when it is asked for.
 */
export const core = () => import('@tensorflow/tfjs-core');
export const cpuBackend = () => import('@tensorflow/tfjs-backend-cpu');
export const wasmBackend = () => import('@tensorflow/tfjs-backend-wasm');
/** tfjs-core comes without the gradients of its operations. */
export const allGradients = () => import('@tensorflow/tfjs-core/dist/register_all_gradients');
