// The package exports one instance and not the function that makes them; its memory never shrinks.
import createModule from '../../../../node_modules/h5wasm/dist/esm/hdf5_util.js';

export { createModule };
