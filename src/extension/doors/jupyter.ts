import type { CancellationToken, Uri } from 'vscode';
import * as z from 'zod/mini';

/** What is used of the API of the extension Jupyter (npm package `@vscode/jupyter-extension`). */
export interface JupyterApi {
  readonly kernels: {
    /** The kernel of a notebook; nothing where none was started. The first call asks the user to allow it. */
    getKernel(notebook: Uri): Thenable<Kernel | undefined>;
  };
}

export interface Kernel {
  readonly language: string;
  executeCode(code: string, token: CancellationToken): AsyncIterable<KernelOutput>;
}

export interface KernelOutput {
  readonly items: readonly { readonly mime: string; readonly data: Uint8Array }[];
}

export const JUPYTER = 'ms-toolsai.jupyter';

/** What the variables view passes to a viewer. */
export const jupyterVariable = z.object({
  /** A name in Python, and nothing that would run. */
  name: z.string().check(z.regex(/^[\p{L}_][\p{L}\p{N}_]*$/u)),
  /** Of the notebook; left out for the active one. */
  fileName: z.optional(z.object({ path: z.string() })),
  /** Of a variable in the debugger, which no kernel can be asked about. */
  frameId: z.optional(z.number()),
});

const ERROR_MIME = 'application/vnd.code.notebook.error';
const errorItem = z.object({ name: z.catch(z.string(), 'Error'), message: z.catch(z.string(), '') });

/** Runs code in a kernel. @returns the error that it raised, as Python prints it; `null` if there was none */
export async function runInKernel(
  kernel: Kernel,
  code: string,
  token: CancellationToken,
): Promise<string | null> {
  let raised: string | null = null;
  for await (const { items } of kernel.executeCode(code, token)) {
    for (const { mime, data } of items) {
      if (mime !== ERROR_MIME) continue;
      const error = errorItem.parse(JSON.parse(new TextDecoder().decode(data)));
      raised = `${error.name}: ${error.message}`;
    }
  }
  return raised;
}

/** The user has forbidden this extension to use kernels. */
export const isForbidden = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === 'vscode.jupyter.apiAccessRevoked';
