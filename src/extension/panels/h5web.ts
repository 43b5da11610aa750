import { commands, type Disposable, extensions, type Uri } from 'vscode';

const EXTENSION = 'h5web.vscode-h5web';
const VIEW_TYPE = 'h5web.viewer';
const HDF5_NAME = /\.(h5|hdf5)$/i;

/** The extension H5Web shows any HDF5 file as a tree of data sets; where it is installed, both editors lead to the other. */
export class H5Web implements Disposable {
  private readonly changed: Disposable;

  constructor() {
    this.changed = extensions.onDidChange(() => this.setContext());
    this.setContext();
  }

  /** Whether H5Web is there and can open the file: it reads files on disk only. */
  opens(uri: Uri): boolean {
    return isInstalled() && uri.scheme === 'file' && HDF5_NAME.test(uri.path);
  }

  async open(uri: Uri): Promise<void> {
    await commands.executeCommand('vscode.openWith', uri, VIEW_TYPE);
  }

  dispose(): void {
    this.changed.dispose();
  }

  private setContext(): void {
    void commands.executeCommand('setContext', 'layerglass.h5webInstalled', isInstalled());
  }
}

const isInstalled = (): boolean => extensions.getExtension(EXTENSION) !== undefined;
