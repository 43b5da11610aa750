/** The bundle (`dist/analysis.js`) that the server and its compute process share: both need nearly all of it. */
import './io/translations';

export { serveCompute } from './compute/child';
export { measureBackend } from './compute/measure';
export { serveWeights } from './compute/weights/thread';
export { startServer } from './serve';
