import { basename } from 'node:path';
import { TabInputCustom, TabInputText, type Uri, window } from 'vscode';
import { looksLikeModel } from './modelFiles';

/** The model that the active editor shows. */
export function modelInActiveTab(): Uri | undefined {
  const input = window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof TabInputCustom || input instanceof TabInputText)) return undefined;
  return looksLikeModel(basename(input.uri.path)) ? input.uri : undefined;
}
