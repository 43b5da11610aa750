/** What the server and its compute process share: one bundle (`dist/analysis.js`), nearly all of which both of them need. */
export { serveCompute } from './compute/child';
export { startServer } from './serve';
