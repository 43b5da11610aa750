/** The value of a `--vscode-...` variable now, or the fallback where the theme leaves it out. */
export function themeColour(name: string, fallback: string): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(`--vscode-${name}`).trim();
  return value === '' ? fallback : value;
}

/**
 * Calls back after VS Code changed its theme. It then rewrites the classes of `body` and the variables on the root
 * element in one go, so one callback is enough for all of them.
 */
export function onThemeChange(changed: () => void): void {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ['class', 'data-vscode-theme-id', 'data-vscode-theme-kind'],
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}
