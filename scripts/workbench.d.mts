export interface WorkbenchOptions {
  /** Settings, state and logs of this VS Code. */
  readonly dataDir: string;
  readonly port?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The extension under development; the project itself by default. */
  readonly extensionDir?: string;
  /** Settings that are there already stay as they are. */
  readonly keepSettings?: boolean;
  /** Of extensions, e.g. "layerglass.layerglass:debug"; VS Code's own choice by default. */
  readonly logLevel?: string;
}

export interface Workbench {
  readonly origin: string;
  /** Process id of the server, parent of all extension hosts. */
  readonly pid: number;
  /** Address of the workbench on a folder; `testsPath` is a module whose `run` is called in the extension host. */
  url(folder: string, testsPath?: string): string;
  /** What the server has printed so far. */
  output(): string;
  stop(): void;
  readonly ended: Promise<void>;
}

export function freePort(): Promise<number>;
export function startWorkbench(options: WorkbenchOptions): Promise<Workbench>;
