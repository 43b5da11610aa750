export function unfilled(
  manifest: {
    version: string;
    repository?: string | { url?: string };
    bugs?: string | { url?: string; email?: string };
  },
  changelog: string,
  env?: NodeJS.ProcessEnv,
): string[];
