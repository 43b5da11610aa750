export function checkLicence(manifest: { name: string; license?: unknown }): void;
