import type { Language } from './machine';
import { PYTHON } from './python/language';

/** The languages whose programs are followed, by the names that editors give them. */
const LANGUAGES: ReadonlyMap<string, Language> = new Map([['python', PYTHON]]);

/** `null` for a language that is not followed. @param id as editors name it */
export const languageNamed = (id: string): Language | null => LANGUAGES.get(id) ?? null;
