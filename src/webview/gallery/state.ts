import type { GalleryChoice, GalleryContext } from '../../shared/gallery/galleryView';
import { saveState } from '../state';

/** Milliseconds between two states: one of 10,000 inputs has some hundred kilobytes. */
const EVERY = 2000;

let waiting: GalleryContext | null = null;
let isDue = false;

// A page that is hidden is gone.
window.addEventListener('pagehide', () => storeNow());

/** Stores what is shown and predicted, at once if nothing was stored lately. VS Code passes it to the extension after a reload of the window. */
export function keepState(context: GalleryContext): void {
  waiting = context;
  if (isDue) return;
  store();
}

/** Stores what waits to be stored. */
export function storeNow(): void {
  if (waiting !== null) saveState(stateOf(waiting));
  waiting = null;
}

function store(): void {
  if (waiting === null) return;
  storeNow();
  isDue = true;
  setTimeout(() => {
    isDue = false;
    store();
  }, EVERY);
}

const finite = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? value : null;

function stateOf({ modelPath, filter, output, version, kind, predictions }: GalleryContext): GalleryChoice {
  const inputs = predictions.map((one) => {
    if (!one?.ok) return null;
    const { index, logit, probability, margin } = one.value;
    return [index, finite(logit), finite(probability), finite(margin)] as const;
  });
  return { modelPath, filter, output, predicted: { version, kind, inputs } };
}
