import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { CLI } from '../cliProcess';

export interface McpSession {
  readonly client: Client;
  /** Of the server's process. */
  readonly pid: number | null;
  /** What the server wrote to stderr. */
  stderr(): string;
  /** The text of an answer and whether it is an error. */
  ask(tool: string, input?: Record<string, unknown>): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly isError: boolean;
  readonly text: string;

  readonly document: unknown;
  readonly pictures: readonly Buffer[];
}

/**
 * Starts `layerglass mcp` as a client does.
 * @param args further arguments
 * @param more the folder that it starts in, and the folders that the client says are open
 */
export async function startMcp(
  args: readonly string[],
  { cwd, roots }: { readonly cwd?: string; readonly roots?: readonly string[] } = {},
): Promise<McpSession> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, 'mcp', ...args],
    stderr: 'pipe',
    ...(cwd !== undefined && { cwd }),
  });
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: roots === undefined ? {} : { roots: { listChanged: true } } },
  );
  if (roots !== undefined) {
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: roots.map((folder) => ({ uri: pathToFileURL(folder).href })),
    }));
  }
  await client.connect(transport);
  return {
    client,
    pid: transport.pid,
    stderr: () => stderr,
    ask: async (name, input) =>
      answerOf(
        CallToolResultSchema.parse(await client.callTool({ name, ...(input && { arguments: input }) })),
      ),
    close: () => client.close(),
  };
}

export function answerOf({ content, isError, structuredContent }: CallToolResult): Answer {
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const pictures = content.flatMap((part) =>
    part.type === 'image' ? [Buffer.from(part.data, 'base64')] : [],
  );
  return { isError: isError === true, text: texts.join('\n'), document: structuredContent, pictures };
}
