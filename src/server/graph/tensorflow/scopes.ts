/** A name scope with its content in order: operations, by their full names, and scopes. */
export interface Scope {
  /** The prefix of the operations' names, without the slash; '' for the whole graph. */
  readonly path: string;
  readonly children: readonly (string | Scope)[];
}

interface ScopeBuilder extends Scope {
  readonly children: (string | ScopeBuilder)[];
  readonly inner: Map<string, ScopeBuilder>;
}

/** Operations in deeper scopes are listed in the last one, by longer names. */
const MAX_DEPTH = 64;

/**
 * Nests names such as `mobilenet/Conv1/Relu` by their slashes, in the given order. A scope with a single child is replaced by
 * the child (`mobilenet/Conv1` in one row). A name that is both an operation and a scope (`dense` and `dense/bias`) stays an
 * operation, beside those that start with it.
 */
export function scopesOf(names: readonly string[]): Scope {
  const operations = new Set(names);
  const root: ScopeBuilder = { path: '', children: [], inner: new Map() };
  for (const name of names) {
    let scope = root;
    let depth = 0;
    for (let end = name.indexOf('/'); end > 0 && depth < MAX_DEPTH; end = name.indexOf('/', end + 1)) {
      const path = name.slice(0, end);
      if (operations.has(path) || end === name.length - 1) continue;
      let next = scope.inner.get(path);
      if (!next) {
        next = { path, children: [], inner: new Map() };
        scope.inner.set(path, next);
        scope.children.push(next);
      }
      scope = next;
      depth++;
    }
    scope.children.push(name);
  }
  return { path: '', children: root.children.map(compact) };
}

function compact(child: string | Scope): string | Scope {
  if (typeof child === 'string') return child;
  const children = child.children.map(compact);
  const [only, ...rest] = children;
  return only !== undefined && rest.length === 0 ? only : { path: child.path, children };
}
