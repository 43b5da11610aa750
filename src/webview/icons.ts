import { svg } from './dom';

/** Icons of 16 x 16 in the text colour. Decorative: the control has the accessible name. */
const PATHS = {
  chevronDown: 'M3.5 6 8 10.5 12.5 6',
  chevronLeft: 'M10 3.5 5.5 8 10 12.5',
  chevronRight: 'M6 3.5 10.5 8 6 12.5',
  warning: 'M8 2.2 14.6 13.8H1.4ZM8 6.4v3.6M8 11.4v.9',
  error: 'M8 1.6a6.4 6.4 0 1 0 0 12.8A6.4 6.4 0 0 0 8 1.6ZM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8',
  info: 'M8 1.6a6.4 6.4 0 1 0 0 12.8A6.4 6.4 0 0 0 8 1.6ZM8 7.2v4M8 4.6v1',
  nothing: 'M8 1.6a6.4 6.4 0 1 0 0 12.8A6.4 6.4 0 0 0 8 1.6ZM4.8 8h6.4',
  check: 'M2.8 8.6 6.2 12 13.2 4.4',
  explain: 'M1.5 8S4 3.6 8 3.6 14.5 8 14.5 8 12 12.4 8 12.4 1.5 8 1.5 8ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z',
  values: 'M2 14V9h2.6v5M6.7 14V2h2.6v12M11.4 14V6H14v8',
  edit: 'M2.5 13.5 3.3 10.4 11 2.7 13.3 5 5.6 12.7ZM9.5 4.2 11.8 6.5',
  discard: 'M3 3v4h4M3.4 6.8A5.2 5.2 0 1 1 3 9.6',
  add: 'M8 3v10M3 8h10',
  remove: 'M3 8h10',
  copy: 'M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGElement {
  return svg(
    'svg',
    { class: 'icon', viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', focusable: 'false' },
    svg('path', {
      d: PATHS[name],
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.2,
      'stroke-linejoin': 'round',
    }),
  );
}
