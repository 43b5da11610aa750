export function setUpNodeModules(): void;
export function findBrowser(): string | null;
export function setUpBrowser(): string;
