import { basename } from 'node:path';
import { type Disposable, type TextDocument, window, workspace } from 'vscode';
import type { Client } from './client';
import { showError } from './errors';
import { looksLikeModel } from './modelFiles';

/** A TensorFlow.js layers model says so near its beginning; that much is looked at. */
const HEAD_CHARACTERS = 4096;

/**
 * Starts the server for a person who reads a `model.json` as text, so that hovers over its layers work, and
 * tells about a server that was given up. Code files start nothing: hovers over layer names in Python or
 * TypeScript live once a model is open, or the server was started by anything else.
 */
export function wakeForModelText(client: Client): Disposable[] {
  const look = (document: TextDocument | undefined) => {
    if (document !== undefined && !client.started && isModelText(document)) void client.wake();
  };
  look(window.activeTextEditor?.document);
  return [
    window.onDidChangeActiveTextEditor((editor) => look(editor?.document)),
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

function isModelText(document: TextDocument): boolean {
  if (document.languageId !== 'json' && document.languageId !== 'jsonc') return false;
  if (document.uri.scheme !== 'file' || !looksLikeModel(basename(document.uri.path))) return false;
  const head = document.getText().slice(0, HEAD_CHARACTERS);
  return /"(modelTopology|layers-model|weightsManifest|class_name)"/.test(head);
}
