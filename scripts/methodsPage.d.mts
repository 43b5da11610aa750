/** The text of docs/methods.md, from the table of methods. */
export function methodsPage(): Promise<string>;
