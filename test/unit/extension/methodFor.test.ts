import { describe, expect, it } from 'vitest';
import { methodFor } from '../../../src/extension/methodFor';
import type { MethodId, MethodInfo } from '../../../src/shared/explanation';

const method = (id: MethodId, usesLayer: boolean): MethodInfo => ({
  id,
  label: id,
  description: id,
  usesLayer,
});

describe('the method of a page that is sent to a layer', () => {
  const methods = [method('grad-cam', true), method('saliency', false), method('guided-grad-cam', true)];

  it('stays the one it has where that explains at a layer', () => {
    expect(methodFor(methods, true, 'guided-grad-cam')).toBe('guided-grad-cam');
  });

  it('becomes the first that does where it does not', () => {
    expect(methodFor(methods, true, 'saliency')).toBe('grad-cam');
  });

  it('goes by what the methods say of themselves, not by their names', () => {
    const turned = [method('grad-cam', false), method('saliency', true)];
    expect(methodFor(turned, true, 'grad-cam')).toBe('saliency');
    expect(methodFor(turned, false)).toBe('grad-cam');
    expect(methodFor([method('saliency', false)], true)).toBeUndefined();
  });
});
