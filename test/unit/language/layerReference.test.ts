import { describe, expect, it } from 'vitest';
import { layerReferenceAt, modelFileReferences } from '../../../src/server/language/layerReference';

/** The text without its cursor mark `|`, and where that was. */
function marked(text: string): { text: string; offset: number } {
  const offset = text.indexOf('|');
  return { text: text.slice(0, offset) + text.slice(offset + 1), offset };
}

function nameAt(source: string, languageId: string): string | null {
  const { text, offset } = marked(source);
  return layerReferenceAt(text, offset, languageId)?.name ?? null;
}

describe('a layer named in code', () => {
  it.each([
    ['python', `x = model.get_layer("block5_|conv3").output`, 'block5_conv3'],
    ['python', `x = model.get_layer(|'block5_conv3')`, 'block5_conv3'],
    ['python', `Conv2D(8, 3, name="conv1|")(x)`, 'conv1'],
    ['python', `model.get_layer('vgg16').get_layer('block5_|conv3')`, 'block5_conv3'],
    ['python', `model.get_layer('vg|g16').get_layer('block5_conv3')`, 'vgg16'],
    ['python', `"""vgg16/block5_|conv3"""`, 'vgg16/block5_conv3'],
    ['typescript', 'const layer = model.getLayer(`den|se_1`);', 'dense_1'],
    ['javascript', `log("it's", 'con|v1')`, 'conv1'],
    ['python', `first = "conv1"\nsecond = "con|v2"\nthird = "conv3"`, 'conv2'],
  ])('%s: %s', (languageId, source, name) => {
    expect(nameAt(source, languageId)).toBe(name);
  });

  it.each([`x = conv|1`, `"conv1" + x|y + "conv2"`, `name = "|`, `"" |`, '|'])('none in %s', (source) => {
    expect(nameAt(source, 'python')).toBeNull();
  });

  it('marks the literal with its quotes', () => {
    const { text, offset } = marked(`a = 1\nb = m.get_layer("con|v1")`);
    const found = layerReferenceAt(text, offset, 'python');
    expect(found && text.slice(found.start, found.end)).toBe('"conv1"');
  });

  it('stays quick on a line of hundreds of thousands of quotes', () => {
    const text = `${'"\\'.repeat(200_000)}"`;
    const start = performance.now();
    layerReferenceAt(text, text.length, 'python');
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('leaves texts alone that are too large to be code', () => {
    expect(layerReferenceAt(`"conv1"${' '.repeat(8_000_000)}`, 2, 'python')).toBeNull();
  });
});

describe('the model files that a text names', () => {
  const text = [
    `a = load_model("first.h5")`,
    `b = load_model('models/second.keras')`,
    `c = get_layer("conv1")`,
    'd = load(`tfjs/model-3.json`)',
    `e = ["weights.npz", "settings.json", "remodel.json", 'first.h5']`,
  ].join('\n');

  it('are nearest before the cursor first, then those after it, each once', () => {
    expect(modelFileReferences(text, text.indexOf('conv1'))).toEqual([
      'models/second.keras',
      'first.h5',
      'tfjs/model-3.json',
    ]);
    expect(modelFileReferences(text, text.length)[0]).toBe('first.h5');
  });
});

describe('a layer in model.json', () => {
  const layer = (name: string, config = ''): string =>
    `{"class_name": "Conv2D", "config": {"name": "${name}", "filters": 8${config}}}`;
  const nested = `{"class_name": "Functional", "name": "vgg16", "config": {"name": "vgg16", "layers": [${layer('block1')}, ${layer('block2')}]}}`;
  const json = `{"modelTopology": {"model_config": {"class_name": "Sequential", "config": {"name": "top", "layers": [${layer('conv1')}, ${nested}, ${layer('last', ', "kernel": {"config": {"seed": null}}')}]}}}, "weightsManifest": []}`;
  const nameIn = (offset: number): string | null => layerReferenceAt(json, offset, 'json')?.name ?? null;

  it('is the one whose config the cursor stands in', () => {
    expect(nameIn(json.indexOf('filters'))).toBe('conv1');
    expect(nameIn(json.indexOf('seed'))).toBe('last');
  });

  it('is the innermost, with the models around it', () => {
    expect(nameIn(json.indexOf('"block2"') + 3)).toBe('vgg16/block2');
    expect(nameIn(json.indexOf('Functional'))).toBe('vgg16');
  });

  it('is none outside the layers, in broken text and in other JSON', () => {
    expect(nameIn(json.indexOf('"top"') + 2)).toBeNull();
    expect(nameIn(json.indexOf('weightsManifest'))).toBeNull();
    expect(layerReferenceAt('', 0, 'json')).toBeNull();
    expect(layerReferenceAt('[1, 2', 3, 'json')).toBeNull();
    expect(layerReferenceAt('{"layers": [7, null, {"name": 3}]}', 24, 'json')).toBeNull();
  });

  it('is found in a text that is being written', () => {
    const half = json.slice(0, json.indexOf('"last"') + 8);
    expect(layerReferenceAt(half, half.indexOf('"block1"') + 2, 'json')?.name).toBe('vgg16/block1');
  });
});
