/** A stub of the extension H5Web with its id, the id of its editor and the files that it claims. */
const { window } = require('vscode');

exports.activate = (context) => {
  const provider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: (_, panel) => {
      panel.webview.html = '<!DOCTYPE html><html><body><main>The stub of H5Web</main></body></html>';
    },
  };
  context.subscriptions.push(window.registerCustomEditorProvider('h5web.viewer', provider));
};
