/**
 * Loads a JavaScript module, CommonJS or ES. In a bundle of its own (`dist/esModule.js`), because code from the compile cache
 * of Node 20 cannot.
 * @param url of the file
 */
export const importModule = (url: string): Promise<Record<string, unknown>> => import(url);
