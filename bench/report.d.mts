export function withOldRows(before: string, text: string): string;
