/** MB that a package may have, by its kind and target. */
export const LIMITS_MB: Readonly<Record<'vsix' | 'npm', Readonly<Record<string, number>>>>;
export function sizeLine(kind: 'vsix' | 'npm', target: string, file: string): string;
