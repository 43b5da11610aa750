import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { looksLikeModel } from '../../../src/extension/models/modelFiles';
import { inputName } from '../../../src/extension/pickers/inputName';
import { shapeText } from '../../../src/extension/shapeText';
import { COLOUR_MAPS, DEFAULT_COLOUR_MAP } from '../../../src/shared/maps/colourMaps';

const offered = ['net.keras', 'net.h5', 'net.HDF5', 'model.json', 'model-v2.json', 'saved_model.pb'];
const notOffered = [
  'package.json',
  'my-model.json',
  'model.json.layerglass.json',
  'net.h5.txt',
  'cat.png',
  'keras_metadata.pb',
];

describe('names', () => {
  it.each(offered)('takes %s for a model', (name) => expect(looksLikeModel(name)).toBe(true));
  it.each(notOffered)('does not take %s for a model', (name) => expect(looksLikeModel(name)).toBe(false));

  it('offers the same files in the menus of package.json', () => {
    const manifest: { contributes: { menus: Record<string, { command: string; when: string }[]> } } =
      JSON.parse(readFileSync('package.json', 'utf8'));
    for (const menu of ['explorer/context', 'editor/title', 'editor/title/context']) {
      const item = manifest.contributes.menus[menu]?.find(
        ({ command }) => command === 'layerglass.explainPrediction',
      );
      const patterns = [...(item?.when.matchAll(/=~ \/(.*?)\/i/g) ?? [])].map(
        ([, source]) => new RegExp(source ?? '', 'i'),
      );
      const shown = (name: string) =>
        patterns[0]?.test(name.slice(name.lastIndexOf('.'))) || patterns[1]?.test(name);
      expect(offered.map(shown)).toEqual(offered.map(() => true));
      expect(notOffered.map(shown)).toEqual(notOffered.map(() => false));
    }
  });

  it('is activated to restore each page', () => {
    const manifest: { activationEvents: string[] } = JSON.parse(readFileSync('package.json', 'utf8'));
    const restored = ['explainPanels', 'layerPanels'].map((file) => {
      const source = readFileSync(`src/extension/panels/${file}.ts`, 'utf8');
      return /VIEW_TYPE = '(.*)'/.exec(source)?.[1];
    });
    for (const viewType of restored)
      expect(manifest.activationEvents).toContain(`onWebviewPanel:${viewType}`);
  });

  it('offers every colour map in the setting', () => {
    const manifest: {
      contributes: { configuration: { properties: Record<string, { enum?: string[]; default: unknown }> } };
    } = JSON.parse(readFileSync('package.json', 'utf8'));
    const setting = manifest.contributes.configuration.properties['layerglass.colourMap'];
    expect(setting?.enum).toEqual(COLOUR_MAPS);
    expect(setting?.default).toBe(DEFAULT_COLOUR_MAP);
  });

  it('gives inputs short names', () => {
    expect(inputName({ kind: 'file', path: '/a/b/cat.png' })).toBe('cat.png');
    expect(inputName({ kind: 'file', path: '/a/b/three.npz', member: 'anchor' })).toBe('three.npz [anchor]');
    expect(inputName({ kind: 'random', seed: 7 })).toBe('random, seed 7');
    const edits = [{ kind: 'letters', at: [0], to: ['A'] }] as const;
    expect(inputName({ kind: 'file', path: '/a/b/cat.png', edits })).toBe('cat.png, edited');
    expect(inputName({ kind: 'file', path: '/a/b/cat.png', edits: [] })).toBe('cat.png');
  });

  it('writes shapes as Keras does', () => {
    expect(shapeText([null, 14, 14, 512])).toBe('(None, 14, 14, 512)');
    expect(shapeText([null])).toBe('(None,)');
    expect(shapeText(null)).toBe('(unknown)');
  });
});
