/** The attribute of a model under which Keras 2.12 to 2.14 saved its layers, before they moved to `layers`. */
const DEPENDENCIES = '_layer_checkpoint_dependencies';

/**
 * Maps the path that Keras 3 gives an object or one of its weights (`layers/conv2d_1/vars/0`) to its path in the file, where
 * they differ. Two peculiarities of Keras 2 (`keras/saving/saving_lib.py`) are undone:
 * - versions 2.12 to 2.14 put the layers of a model under `_layer_checkpoint_dependencies`, which contains each layer with
 *   weights twice; up to 2.13 the duplicates were numbered too (`conv2d`, `conv2d_2`, `conv2d_4`);
 * - on Windows a group is named `layers\conv2d`, with a backslash that HDF5 treats as part of the name.
 * @param stored all groups and data sets of the file; the numbers of layers without weights count.
 */
export function keras3Paths(stored: readonly string[]): ReadonlyMap<string, string> {
  const moved = stored.filter((path) => path.includes('\\') || path.includes(DEPENDENCIES));
  const children = new Map<string, Set<string>>();
  for (const path of moved) addToGroups(path.replaceAll('\\', '/'), children);
  const names = new Map<string, ReadonlyMap<string, string>>();
  for (const [group, inside] of children) {
    if (lastOf(group) === DEPENDENCIES) names.set(group, renumbered(inside));
  }
  const paths = new Map<string, string>();
  const taken = new Set(stored);
  for (const path of moved) {
    const name = renamed(path.replaceAll('\\', '/'), names);
    if (!taken.has(name)) paths.set(name, path);
  }
  return paths;
}

/** Adds a path to the children of its group, and so on up to a group that is already known. */
function addToGroups(path: string, children: Map<string, Set<string>>): void {
  for (let rest = path; ; ) {
    const at = rest.lastIndexOf('/');
    const group = rest.slice(0, Math.max(at, 0));
    const known = children.get(group);
    if (known === undefined) children.set(group, new Set([lastOf(rest)]));
    else known.add(lastOf(rest));
    if (known !== undefined || at < 0) return;
    rest = group;
  }
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** `conv2d`, `conv2d_2`, `conv2d_4` -> `conv2d`, `conv2d_1`, `conv2d_2`: the first of a class has no number. */
function renumbered(names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const classes = new Map<string, { readonly name: string; readonly count: number }[]>();
  for (const name of names) {
    const [, first = '', digits = ''] = /^(.+)_(\d+)$/.exec(name) ?? [];
    const isNumbered = names.has(first);
    const own = isNumbered ? first : name;
    const found = classes.get(own) ?? [];
    found.push({ name, count: isNumbered ? Number(digits) : 0 });
    classes.set(own, found);
  }
  const numbered = new Map<string, string>();
  for (const [first, found] of classes) {
    const inOrder = found.sort((a, b) => a.count - b.count);
    for (const [i, { name }] of inOrder.entries()) numbered.set(name, i === 0 ? first : `${first}_${i}`);
  }
  return numbered;
}

function renamed(path: string, names: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  const parts = path.split('/');
  return parts
    .map((part, i) => {
      if (part === DEPENDENCIES) return 'layers';
      return parts[i - 1] === DEPENDENCIES
        ? (names.get(parts.slice(0, i).join('/'))?.get(part) ?? part)
        : part;
    })
    .join('/');
}
