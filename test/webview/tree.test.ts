import { describe, expect, it } from 'vitest';
import { layerTree, visibleRows } from '../../src/webview/summary/layerTree';
import { summary } from './canned';

const paths = (rows: ReturnType<typeof layerTree>) => rows.map(({ layer }) => layer.path);

describe('layer tree', () => {
  const tree = layerTree(summary.layers);

  it('nests layers by parent and keeps their order', () => {
    expect(paths(tree)).toEqual(['image', 'vgg16', 'sharpen', 'embed', 'flatten', 'hidden', 'dog']);
    expect(tree[1]?.children.map(({ level }) => level)).toEqual([2, 2, 2]);
  });

  it('puts a layer whose parent is missing at the top level', () => {
    const orphan = summary.layers.filter(({ path }) => path !== 'vgg16');
    expect(paths(layerTree(orphan))).toContain('vgg16/block5_conv3');
  });

  it('shows the children of expanded rows and all matches of a filter', () => {
    expect(paths(visibleRows(tree, new Set(['embed']), []))).toContain('embed/conv_a');
    expect(paths(visibleRows(tree, new Set(), ['swish']))).toEqual(['embed', 'embed/conv_a']);
  });
});
