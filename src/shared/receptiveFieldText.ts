import type { ReceptiveField } from './tracing';

/** "Receptive field of conv: 6 x 6, stride 2 x 2, padding 2 x 2". */
export function receptiveFieldText(layer: string, field: ReceptiveField): string {
  const name = `Receptive field of ${layer}`;
  switch (field.kind) {
    case 'window': {
      const along = (key: 'size' | 'stride' | 'padding') => field.axes.map((axis) => axis[key]).join(' x ');
      const gate = field.gate === null ? '' : `; ${field.gate} also depends on the whole input`;
      return `${name}: ${along('size')}, stride ${along('stride')}, padding ${along('padding')}${gate}`;
    }
    case 'whole':
      return `${name}: the whole input, which ${field.layer} joins`;
    case 'misaligned':
      return `${name}: misaligned; the branches that ${field.layer} merges differ in stride or centre`;
    case 'unknown':
      return `${name}: unknown, because of ${field.layer}`;
  }
}
