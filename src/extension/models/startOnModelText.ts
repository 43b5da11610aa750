import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { type Disposable, type TextDocument, window, workspace } from 'vscode';
import { showError } from '../errors';
import type { Client } from '../server/client';
import { looksLikeModel } from './modelFiles';
import { fileExists } from './models';

/** A TensorFlow.js layers model says so near its beginning; that much is looked at. */
const HEAD_CHARACTERS = 4096;

/**
 * Starts the server for a user who looks at a `model.json` as text, or at Python that names a model file which is there,
 * so that hovers over layers work, and tells about a server that was given up. Everything else starts nothing: most
 * people who open a Python file have no model at hand.
 */
export function wakeForText(
  client: Pick<Client, 'started' | 'wake' | 'restart' | 'onStateChanged'>,
): Disposable[] {
  const look = async (document: TextDocument | undefined) => {
    if (document === undefined || client.started) return;
    const concerns =
      isModelText(document) || (document.languageId === 'python' && (await namesModel(document)));
    if (concerns && !client.started) await client.wake();
  };
  for (const { document } of window.visibleTextEditors) void look(document);
  return [
    window.onDidChangeActiveTextEditor((editor) => look(editor?.document)),
    workspace.onDidSaveTextDocument(look),
    workspace.onDidChangeConfiguration((change) => {
      const server = ['backend', 'nativePath', 'customLayers', 'memoryLimit'].map(
        (name) => `layerglass.${name}`,
      );
      if (client.started && server.some((name) => change.affectsConfiguration(name))) void client.restart();
    }),
    client.onStateChanged((state) => {
      // With a remedy it is final; without one the server is on its way back and the pages say so.
      if (state.kind === 'down' && state.error.remedy !== undefined) void showError(state.error);
    }),
  ];
}

/** More of a text than this is not looked through, and no more names than this are looked for on disk. */
const MAX_CODE = 1_000_000;
const MAX_NAMES = 20;
/** How far up a named file is looked for, as the server does: beside the code, then in the folders around it. */
const FOLDERS_UP = 4;
const LITERAL = /["']([^"'\n]{1,300}\.(?:keras|h5|hdf5|json|pb))["']/gi;
/** A path of another machine or a device: Windows would sign in at a server that a text merely names. */
const OTHER_MACHINE = /^[\\/]{2}/;

/** Whether a Python file or cell names a model file that is there. */
async function namesModel(document: TextDocument): Promise<boolean> {
  const { scheme, fsPath } = document.uri;
  const own = scheme === 'file' || scheme === 'vscode-notebook-cell' ? dirname(fsPath) : undefined;
  const text = document.getText();
  if (text.length > MAX_CODE) return false;
  const names = new Set([...text.matchAll(LITERAL)].map(([, name = '']) => name));
  const models = [...names].filter((name) => !OTHER_MACHINE.test(name) && looksLikeModel(basename(name)));
  for (const name of models.slice(0, MAX_NAMES)) {
    for (const path of placesOf(name, own)) if (await fileExists(path)) return true;
  }
  return false;
}

function placesOf(name: string, own: string | undefined): string[] {
  if (isAbsolute(name)) return [name];
  const places: string[] = [];
  for (let folder = own; folder !== undefined && places.length <= FOLDERS_UP; ) {
    places.push(resolve(folder, name));
    folder = dirname(folder) === folder ? undefined : dirname(folder);
  }
  return places;
}

function isModelText(document: TextDocument): boolean {
  if (document.languageId !== 'json' && document.languageId !== 'jsonc') return false;
  if (document.uri.scheme !== 'file' || !looksLikeModel(basename(document.uri.path))) return false;
  const head = document.getText().slice(0, HEAD_CHARACTERS);
  return /"(modelTopology|layers-model|weightsManifest|class_name)"/.test(head);
}
