import { extname } from 'node:path';
import { JAVASCRIPT, TYPESCRIPT } from './javascript/language';
import type { Language } from './machine';
import { PYTHON } from './python/language';

/** The languages whose programs are followed, by the names that editors give them. */
const LANGUAGES: ReadonlyMap<string, Language> = new Map([
  ['python', PYTHON],
  ['javascript', JAVASCRIPT],
  ['javascriptreact', JAVASCRIPT],
  ['typescript', TYPESCRIPT],
  ['typescriptreact', JAVASCRIPT],
]);

/** `null` for a language that is not followed. @param id as editors name it */
export const languageNamed = (id: string): Language | null => LANGUAGES.get(id) ?? null;

const ENDINGS: ReadonlyMap<string, Language> = new Map([
  ['.js', JAVASCRIPT],
  ['.mjs', JAVASCRIPT],
  ['.cjs', JAVASCRIPT],
  ['.jsx', JAVASCRIPT],
  ['.ts', TYPESCRIPT],
  ['.mts', TYPESCRIPT],
  ['.cts', TYPESCRIPT],
  ['.tsx', JAVASCRIPT],
]);

/** The language of a file by the ending of its name, else Python. */
export const languageOfFile = (path: string): Language => ENDINGS.get(extname(path).toLowerCase()) ?? PYTHON;
