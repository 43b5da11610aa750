import type { Command } from 'commander';

export function commandsPage(
  manifest: object,
  texts: Readonly<Record<string, string>>,
  program: Command,
): string;
