/** Links to a heading, which the generator does not check: it only looks for the page. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * Links of a built site whose heading is not on the page that they lead to, as "page.html: other.html#heading".
 * @param {string} folder of the site
 * @param {string} base the address that it is served at, from "/" to "/"
 */
export function deadAnchors(folder, base = '/') {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.html'),
  );
  const pages = new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  const ids = new Map([...pages].map(([name, html]) => [name, new Set(html.match(/(?<=\sid=")[^"]+/g))]));
  return [...pages].flatMap(([name, html]) =>
    [...html.matchAll(/<a [^>]*href="([^":]*)#([^"]+)"/g)].flatMap(([, path, anchor]) => {
      const absolute = path.startsWith(base)
        ? path.slice(base.length)
        : posix.join(posix.dirname(name), path);
      const page = path === '' ? name : absolute;
      return ids.get(page)?.has(decodeURIComponent(anchor)) ? [] : [`${name}: ${page}#${anchor}`];
    }),
  );
}
