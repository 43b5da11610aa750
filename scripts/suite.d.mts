export function buildSuite(): Promise<string>;
