import { basename, dirname, isAbsolute, resolve, sep } from 'node:path';
import { type Disposable, type TextDocument, Uri, window, workspace } from 'vscode';
import { showError } from '../errors';
import type { Client } from '../server/client';
import { looksLikeModel } from './modelFiles';
import { fileExists } from './models';

/** How much of a JSON file is searched: a TensorFlow.js layers model is recognised by keys near its beginning. */
const HEAD_CHARACTERS = 4096;

/**
 * Starts the server when the user views a `model.json` as text, Python code that imports Keras or names an existing model
 * file, or JavaScript or TypeScript that uses TensorFlow.js, so that hints and hovers work. Other code starts nothing. Also restarts the server when its settings change, and shows an
 * error when it was given up.
 */
export function startOnModelText(
  client: Pick<Client, 'started' | 'start' | 'restart' | 'onStateChanged'>,
): Disposable[] {
  const look = async (document: TextDocument | undefined) => {
    if (document === undefined || client.started) return;
    const mentionsModel =
      isModelText(document) ||
      (document.languageId === 'python' && (usesKeras(document) || (await namesModel(document)))) ||
      (SCRIPTS.has(document.languageId) && usesTensorflow(document));
    if (mentionsModel && !client.started) await client.start();
  };
  for (const { document } of window.visibleTextEditors) void look(document);
  return [
    window.onDidChangeActiveTextEditor((editor) => look(editor?.document)),
    workspace.onDidSaveTextDocument(look),
    workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.some(({ text }) => /keras|tfjs|\n/.test(text))) void look(document);
    }),
    workspace.onDidChangeConfiguration((change) => {
      const server = ['backend', 'threads', 'nativePath', 'customLayers', 'memoryLimit'].map(
        (name) => `layerglass.${name}`,
      );
      if (client.started && server.some((name) => change.affectsConfiguration(name))) void client.restart();
    }),
    client.onStateChanged((state) => {
      // An error with a remedy is final; without one the server is restarting, which the pages show.
      if (state.kind === 'down' && state.error.remedy !== undefined) void showError(state.error);
    }),
  ];
}

const KERAS_IMPORT = /^[ \t]*(?:from|import)[ \t][^\n]*\b(?:keras|tensorflow)\b/m;

/** Whether Python code imports Keras: its layers get hints. */
function usesKeras(document: TextDocument): boolean {
  const text = document.getText();
  return text.length <= MAX_CODE && KERAS_IMPORT.test(text);
}

const SCRIPTS = new Set(['javascript', 'javascriptreact', 'typescript', 'typescriptreact']);
/** The packages of TensorFlow.js, or its global name before what makes or loads models; as the server looks for it. */
const TENSORFLOW =
  /@tensorflow\/tfjs|\btf\s*\.\s*(?:layers|sequential|model|input|load(?:Layers|Graph)Model)\b/;

/** Whether JavaScript or TypeScript uses TensorFlow.js: its layers get hints. */
function usesTensorflow(document: TextDocument): boolean {
  const text = document.getText();
  return text.length <= MAX_CODE && TENSORFLOW.test(text);
}

/** Limits in characters of a file and in names that are looked for on disk. */
const MAX_CODE = 1_000_000;
const MAX_NAMES = 20;
const LITERAL = /["']([^"'\n]{1,300}\.(?:keras|h5|hdf5|json|pb))["']/gi;
/** A UNC or device path: merely checking it would make Windows sign in at the server it names. */
const UNC_PATH = /^[\\/]{2}/;

/** Whether a Python file or notebook cell names an existing model file. */
async function namesModel(document: TextDocument): Promise<boolean> {
  const { scheme, fsPath } = document.uri;
  const own = scheme === 'file' || scheme === 'vscode-notebook-cell' ? dirname(fsPath) : undefined;
  const text = document.getText();
  if (text.length > MAX_CODE) return false;
  const names = new Set([...text.matchAll(LITERAL)].map(([, name = '']) => name));
  const models = [...names].filter((name) => !UNC_PATH.test(name) && looksLikeModel(basename(name)));
  for (const name of models.slice(0, MAX_NAMES)) {
    for (const path of placesOf(name, own)) if (await fileExists(path)) return true;
  }
  return false;
}

/** Where a named file is looked for, as by the server: beside the code and in the workspace, nowhere else. */
function placesOf(name: string, own: string | undefined): string[] {
  const roots = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const folders = [...(own === undefined ? [] : foldersAround(own)), ...roots];
  const places = isAbsolute(name) ? [resolve(name)] : folders.map((folder) => resolve(folder, name));
  const isAllowed = (path: string) =>
    isInWorkspace(path) || (own !== undefined && path.startsWith(`${own}${sep}`));
  return [...new Set(places)].filter(isAllowed);
}

/** A folder, and those around it in the workspace. */
function foldersAround(folder: string): string[] {
  const outer = dirname(folder);
  return [folder, ...(outer !== folder && isInWorkspace(outer) ? foldersAround(outer) : [])];
}

const isInWorkspace = (path: string): boolean => workspace.getWorkspaceFolder(Uri.file(path)) !== undefined;

function isModelText(document: TextDocument): boolean {
  if (document.languageId !== 'json' && document.languageId !== 'jsonc') return false;
  if (document.uri.scheme !== 'file' || !looksLikeModel(basename(document.uri.path))) return false;
  const head = document.getText().slice(0, HEAD_CHARACTERS);
  return /"(modelTopology|layers-model|weightsManifest|class_name)"/.test(head);
}
