import * as l10n from '@vscode/l10n';
import type { LayerglassError } from '../../../shared/errors';
import { tooLargeToDrop } from '../../../shared/sources/droppedFile';
import type { ExplainContext } from '../../../shared/view';
import { el } from '../../dom';

/** VS Code's own list of URIs is whole; browsers cut the standard one to the first. */
const VSCODE_URIS = 'application/vnd.code.uri-list';
const URIS = 'text/uri-list';
const FILES = 'Files';

export interface FileDropActions {
  /** A file of the explorer. @param input index of the input that it is dropped on */
  onUri(input: number, uri: string): void;
  /** A file from another program. @param contents base64 */
  onContents(input: number, name: string, contents: string): void;
  onRefused(error: LayerglassError): void;
}

/**
 * Makes the page a target for files: while one is dragged over it, a zone for each input covers the page. VS Code delivers drops to a
 * page only while Shift is held; otherwise it opens the file in an editor.
 */
export function fileDrop(actions: FileDropActions): {
  readonly element: HTMLElement;
  show(context: ExplainContext): void;
} {
  const element = el('div', { class: 'drop-zones', hidden: true });
  let zones: readonly HTMLElement[] = [];
  const zoneAt = ({ target }: Event): HTMLElement | undefined =>
    zones.find((zone) => target instanceof Node && zone.contains(target));
  const mark = (marked: HTMLElement | undefined) => {
    for (const zone of zones) zone.classList.toggle('over', zone === marked);
  };
  const hide = () => {
    element.hidden = true;
    mark(undefined);
  };
  const over = (event: DragEvent) => {
    if (zones.length === 0 || !holdsFile(event.dataTransfer)) return;
    event.preventDefault();
    element.hidden = false;
    mark(zoneAt(event));
    if (event.dataTransfer) event.dataTransfer.dropEffect = zoneAt(event) ? 'copy' : 'none';
  };
  document.addEventListener('dragenter', over);
  document.addEventListener('dragover', over);
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) hide();
  });
  document.addEventListener('drop', (event) => {
    if (element.hidden) return;
    event.preventDefault();
    const zone = zoneAt(event);
    hide();
    if (zone && event.dataTransfer) take(event.dataTransfer, zones.indexOf(zone), actions);
  });
  return {
    element,
    show({ summary: { inputs } }) {
      zones = inputs.map(({ name }) =>
        el(
          'div',
          { class: 'drop-zone' },
          el(
            'p',
            {},
            inputs.length === 1 ? l10n.t('Drop to explain this file') : l10n.t('Drop as input “{0}”', name),
          ),
        ),
      );
      element.replaceChildren(...zones);
    },
  };
}

const holdsFile = (data: DataTransfer | null): boolean =>
  data?.types.some((type) => [VSCODE_URIS, URIS, FILES].includes(type)) ?? false;

function take(data: DataTransfer, input: number, actions: FileDropActions): void {
  const dragged = listed(data.getData(VSCODE_URIS));
  const files = [...data.files];
  const uris = dragged.length > 0 || files.length > 0 ? dragged : listed(data.getData(URIS));
  const count = uris.length || files.length;
  const [uri] = uris;
  const [file] = files;
  if (count > 1) {
    actions.onRefused({
      kind: 'bad-input',
      message: l10n.t('{0} files were dropped, and an input takes one.', count),
      remedy: l10n.t('Drop one file.'),
    });
  } else if (uri !== undefined) actions.onUri(input, uri);
  else if (file !== undefined) read(file, input, actions);
}

const listed = (text: string): string[] =>
  text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));

function read(file: File, input: number, actions: FileDropActions): void {
  const tooLarge = tooLargeToDrop(file.name, file.size);
  if (tooLarge !== null) {
    actions.onRefused(tooLarge);
    return;
  }
  const reader = new FileReader();
  reader.addEventListener('load', () => {
    // "data:image/png;base64,..."; an empty file has no comma in some versions.
    const url = String(reader.result);
    actions.onContents(input, file.name, url.includes(',') ? url.slice(url.indexOf(',') + 1) : '');
  });
  reader.addEventListener('error', () =>
    actions.onRefused({
      kind: 'file-unreadable',
      message: l10n.t('{0} cannot be read.', file.name),
      remedy: l10n.t('Drop a file, not a folder.'),
    }),
  );
  reader.readAsDataURL(file);
}
