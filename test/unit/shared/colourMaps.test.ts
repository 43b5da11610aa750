import { describe, expect, it } from 'vitest';
import { COLOUR_MAPS, colourTable, isColourMapName } from '../../../src/shared/maps/colourMaps';

const row = (name: Parameters<typeof colourTable>[0], i: number): number[] => [
  ...colourTable(name).slice(i * 3, i * 3 + 3),
];

describe('colourTable', () => {
  it.each(COLOUR_MAPS)('has 256 different-looking rows for %s', (name) => {
    const table = colourTable(name);
    expect(table.length).toBe(768);
    expect(row(name, 0)).not.toEqual(row(name, 255));
    expect(colourTable(name)).toBe(table);
  });

  it('has the published colours', () => {
    expect(row('viridis', 0)).toEqual([68, 1, 84]);
    expect(row('viridis', 255)).toEqual([253, 231, 37]);
    expect(row('inferno', 0)).toEqual([0, 0, 4]);
  });

  it('goes from dark blue through green to dark red for jet', () => {
    expect(row('jet', 0)).toEqual([0, 0, 128]);
    expect(row('jet', 255)).toEqual([128, 0, 0]);
    expect(row('jet', 128)[1]).toBe(255);
  });

  it('shows positive red in rdbu and high values bright in greys', () => {
    const [r = 0, , b = 0] = row('rdbu', 230);
    expect(r).toBeGreaterThan(b);
    expect(row('greys', 255)).toEqual([255, 255, 255]);
  });
});

describe('isColourMapName', () => {
  it('distinguishes names from other text', () => {
    expect(isColourMapName('turbo')).toBe(true);
    expect(isColourMapName('constructor')).toBe(false);
  });
});
