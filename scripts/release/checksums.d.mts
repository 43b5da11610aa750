export const CHECKSUMS: string;
export function checksums(folder: string): string;
