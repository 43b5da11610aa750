import type { ReportRow } from '../shared/batch/batchReport';
import type { MethodId } from '../shared/methods';
import { el } from '../webview/dom';

/** What the gallery shows of each input: itself, or a method's map over it. */
export type PictureChoice = 'input' | MethodId;

/** The picture of an input, which is loaded when it comes into view; its beginning as text where it has none. */
export function pictureOf(row: ReportRow, choice: PictureChoice): HTMLElement {
  const overlay = row.maps.find(({ method }) => method === choice)?.overlays[0];
  const file = overlay ?? row.picture;
  if (file !== null) return image(file, '');
  return el('span', { class: 'text' }, row.text ?? row.error ?? '');
}

/** @param alt empty for a picture that says nothing its caption does not */
export const image = (file: string, alt: string): HTMLImageElement =>
  el('img', { src: addressOf(file), alt, loading: 'lazy', decoding: 'async' });

/** Names of files may hold any character. */
const addressOf = (file: string): string => file.split('/').map(encodeURIComponent).join('/');
