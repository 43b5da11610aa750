/**
 * The modules of docs/architecture.md: which folder may import which, besides itself. `a/b` means everything below it,
 * `a/b/*` only the files that lie in it directly. The rule of the innermost folder holds.
 */
const server = (...folders) => folders.map((folder) => `src/server/${folder}`);
const layers = (...folders) => folders.map((folder) => `src/server/layers/${folder}`);
const extension = (...folders) => folders.map((folder) => `src/extension/${folder}`);

/** What every layer and every operation may use. */
const layerGround = ['src/shared', ...server('graph'), ...layers('*', 'support')];
const operationGround = [...layerGround, ...server('operations/*')];

const modules = {
  'src/shared': [],

  'src/server/io': ['src/shared'],
  'src/server/formats': ['src/shared', ...server('io')],
  'src/server/formats/hdf5': ['src/shared', ...server('io', 'formats/*')],
  'src/server/formats/keras': ['src/shared', ...server('io', 'formats/*', 'formats/hdf5')],
  'src/server/formats/tfjs': ['src/shared', ...server('io', 'formats/*', 'formats/hdf5', 'formats/keras')],
  'src/server/formats/savedModel': ['src/shared', ...server('io', 'formats/*')],

  'src/server/graph': ['src/shared'],
  'src/server/graph/keras': ['src/shared', ...server('graph/*')],
  'src/server/graph/tensorflow': ['src/shared', ...server('graph/*', 'graph/keras')],

  'src/server/layers': ['src/shared', ...server('graph')],
  'src/server/layers/support': ['src/shared', ...server('graph'), ...layers('*')],
  'src/server/layers/activations': layerGround,
  'src/server/layers/core': [...layerGround, ...layers('activations')],
  'src/server/layers/convolution': [...layerGround, ...layers('activations', 'core')],
  'src/server/layers/pooling': [...layerGround, ...layers('convolution')],
  'src/server/layers/normalization': layerGround,
  'src/server/layers/attention': [...layerGround, ...layers('core')],
  'src/server/layers/recurrent': [...layerGround, ...layers('activations', 'convolution')],
  'src/server/layers/merging': layerGround,
  'src/server/layers/reshaping': layerGround,
  'src/server/layers/preprocessing': [...layerGround, ...layers('activations', 'convolution')],
  'src/server/layers/categorical': layerGround,
  'src/server/layers/wrappers': [...layerGround, ...layers('recurrent')],
  'src/server/layers/legacy': [...layerGround, ...layers('activations', 'convolution', 'merging')],

  'src/server/operations': ['src/shared', ...server('graph', 'layers')],
  'src/server/operations/arithmetic': [
    ...operationGround,
    ...layers('activations'),
    ...server('operations/manipulation', 'operations/linearAlgebra'),
  ],
  'src/server/operations/manipulation': [...operationGround, ...server('operations/arithmetic')],
  'src/server/operations/linearAlgebra': [
    ...operationGround,
    ...server('operations/arithmetic', 'operations/manipulation'),
  ],
  'src/server/operations/spectral': [
    ...operationGround,
    ...server('operations/arithmetic', 'operations/manipulation'),
  ],
  'src/server/operations/nn': [
    ...operationGround,
    ...server('layers', 'operations/arithmetic', 'operations/manipulation'),
  ],
  'src/server/operations/images': [
    ...operationGround,
    ...server(
      'operations/arithmetic',
      'operations/manipulation',
      'operations/linearAlgebra',
      'operations/nn',
    ),
  ],
  'src/server/operations/keras': ['src/shared', ...server('graph', 'layers', 'operations')],
  'src/server/operations/tensorflow': ['src/shared', ...server('graph', 'layers', 'operations')],

  'src/server/kinds': ['src/shared', ...server('layers', 'operations')],

  'src/server/run': ['src/shared', ...server('graph', 'layers', 'kinds', 'formats', 'io')],
  'src/server/run/backends': ['src/shared', ...server('io', 'layers', 'kinds')],
  'src/server/run/weights': ['src/shared', ...server('formats', 'graph', 'layers', 'kinds', 'run/backends')],

  'src/server/explain': ['src/shared', ...server('graph', 'layers', 'operations', 'kinds', 'run')],
  'src/server/explain/maps': [
    'src/shared',
    ...server('graph', 'layers', 'operations', 'kinds', 'run', 'explain/*'),
  ],
  'src/server/explain/methods': [
    'src/shared',
    ...server(
      'graph',
      'layers',
      'run',
      'explain/*',
      'explain/maps',
      'explain/measures',
      'explain/perturbation',
      'explain/support',
    ),
  ],
  'src/server/explain/support': [
    'src/shared',
    ...server('graph', 'layers', 'kinds', 'run', 'explain/*', 'explain/maps'),
  ],
  'src/server/explain/patches': [
    'src/shared',
    ...server('graph', 'layers', 'run', 'explain/*', 'explain/maps', 'explain/perturbation'),
  ],
  'src/server/explain/measures': ['src/shared', ...server('explain/perturbation', 'explain/*')],
  'src/server/explain/perturbation': [
    'src/shared',
    ...server('operations/linearAlgebra', 'explain/measures'),
  ],
  'src/server/explain/trust': [
    'src/shared',
    ...server(
      'graph',
      'layers',
      'run',
      'explain/*',
      'explain/maps',
      'explain/measures',
      'explain/perturbation',
    ),
  ],
  'src/server/explain/whatIf': [
    'src/shared',
    ...server('graph', 'layers', 'run', 'explain/*', 'explain/perturbation'),
  ],
  'src/server/tracing': ['src/shared', ...server('graph', 'layers', 'kinds', 'run', 'explain')],
  'src/server/tracing/unit': [
    'src/shared',
    ...server('graph', 'layers', 'kinds', 'run', 'explain', 'tracing/*'),
  ],
  'src/server/inspect': ['src/shared', ...server('graph', 'layers', 'kinds', 'run', 'explain')],
  'src/server/inspect/health': ['src/shared', ...server('graph', 'layers', 'kinds', 'run', 'inspect/*')],
  'src/server/inspect/doctor': [
    'src/shared',
    ...server('graph', 'layers', 'kinds', 'run', 'explain', 'inspect/*', 'inspect/health'),
  ],
  'src/server/inspect/weights': [
    'src/shared',
    ...server('io', 'graph', 'formats', 'run/weights', 'inputs', 'inspect/*'),
  ],

  'src/server/compare': ['src/shared', ...server('graph', 'layers', 'run', 'inspect/weights')],

  'src/server/inputs': ['src/shared', ...server('io')],
  'src/server/inputs/images': ['src/shared', ...server('io', 'inputs/*')],
  'src/server/inputs/text': ['src/shared', ...server('inputs/*', 'inputs/images', 'inputs/arrays')],
  'src/server/inputs/arrays': ['src/shared', ...server('io', 'inputs/*', 'inputs/images')],
  'src/server/inputs/listing': ['src/shared', ...server('io', 'inputs/*', 'inputs/arrays', 'inputs/text')],
  'src/server/render': ['src/shared', ...server('io/zip')],
  'src/server/language': ['src/shared', ...server('graph')],
  'src/server/code': ['src/shared', ...server('graph', 'layers', 'kinds')],

  'src/server/session': [
    'src/shared',
    ...server('io', 'formats', 'graph', 'operations', 'kinds', 'run', 'explain', 'inputs'),
  ],
  'src/server/labels': ['src/shared', ...server('io', 'graph', 'layers', 'kinds', 'run', 'session')],
  'src/server/answers': [
    'src/shared',
    ...server(
      'labels',
      'formats',
      'io',
      'graph',
      'run',
      'compare',
      'explain',
      'tracing',
      'inspect',
      'inputs',
      'render',
      'language',
      'code',
      'session',
    ),
  ],
  'src/server/batch': [
    'src/shared',
    ...server('answers', 'explain', 'inputs', 'io', 'render', 'run', 'session'),
  ],
  'src/server/tools': [
    'src/shared',
    ...server('io', 'explain', 'labels', 'session', 'answers', 'compute', 'code'),
  ],
  'src/server/compute': ['src/shared', ...server('io', 'run', 'inspect', 'tracing', 'session', 'answers')],

  'src/extension/server': ['src/shared', ...extension('*')],
  'src/extension/settings': ['src/shared', ...extension('*', 'server')],
  'src/extension/models': ['src/shared', ...extension('*', 'server')],
  'src/extension/pickers': ['src/shared', ...extension('*', 'models', 'settings')],
  'src/extension/gallery': ['src/shared', ...extension('*', 'server', 'models', 'settings', 'pickers')],
  'src/extension/panels': [
    'src/shared',
    ...extension('*', 'server', 'models', 'settings', 'pickers', 'gallery'),
  ],
  'src/extension/batch': ['src/shared', ...extension('*', 'server', 'models', 'pickers', 'settings')],
  'src/extension/doors': ['src/shared', ...extension('*', 'models', 'panels')],
  'src/extension/tensorflow': ['src/shared', ...extension('*', 'server')],
  'src/extension/views': ['src/shared', ...extension('*', 'server', 'models', 'settings', 'panels')],
  'src/extension': ['src/shared'],

  'src/webview': ['src/shared'],
  'src/webview/checkpoints': ['src/shared', 'src/webview/*', 'src/webview/scrolling'],
  'src/webview/compare': [
    'src/shared',
    'src/webview/*',
    'src/webview/explain/*',
    'src/webview/explain/compare',
  ],
  'src/webview/explain': ['src/shared', 'src/webview/*'],
  'src/webview/gallery': ['src/shared', 'src/webview/*', 'src/webview/tiles'],
  'src/webview/graph': ['src/shared', 'src/webview/*', 'src/webview/scrolling'],
  'src/webview/health': ['src/shared', 'src/webview/*', 'src/webview/scrolling'],
  'src/webview/layer': ['src/shared', 'src/webview/*', 'src/webview/tiles'],
  'src/webview/summary': ['src/shared', 'src/webview/*'],
  'src/webview/scrolling': [],
  'src/webview/tiles': [],
  'src/report': ['src/shared', 'src/webview/*', 'src/webview/tiles'],
  'src/cli': ['src/shared', 'src/server', 'src/cli/mcp', 'src/cli/completion'],
  'src/cli/completion': [],
  'src/cli/mcp': ['src/shared', 'src/server', 'src/cli/*'],
};

const pattern = (folder) => (folder.endsWith('/*') ? `^${folder.slice(0, -2)}/[^/]+$` : `^${folder}/`);

/** What is below another module of this list is held by that one's rule. */
const innerOf = (folder) => Object.keys(modules).filter((other) => other.startsWith(`${folder}/`));

/** Modules that answer without a tensor library, so that listing a 500 MB model stays instant. */
const noTensors =
  '^src/(shared|extension|webview|server/(io|formats|graph|layers|operations|kinds|inputs|render|language|code))/';

module.exports = {
  forbidden: [
    ...Object.entries(modules).map(([folder, allowed]) => ({
      name: `imports-of-${folder.replace(/^src\//, '').replaceAll('/', '-')}`,
      severity: 'error',
      from: { path: pattern(folder), pathNot: innerOf(folder).map(pattern) },
      to: { path: '^src/', pathNot: [folder, ...allowed].map(pattern) },
    })),
    {
      name: 'every-folder-has-a-rule',
      comment: 'Files of the server and of src/ itself: the entry points alone.',
      severity: 'error',
      from: { path: '^src/', pathNot: [...Object.keys(modules).map(pattern), '^src/server/[^/]+$'] },
      to: {},
    },
    {
      name: 'no-tensor-library',
      comment: 'tfjs reaches layers as ctx.tf; only run/ loads it. Type-only imports are fine.',
      severity: 'error',
      from: { path: noTensors },
      to: { path: '@tensorflow', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'server-without-vscode',
      severity: 'error',
      from: { path: '^src/(server|cli|shared|webview)/' },
      to: { path: '^vscode$' },
    },
    {
      name: 'one-door-to-the-toolkit',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/webview/ui\\.ts$' },
      to: { path: '@vscode/webview-ui-toolkit' },
    },
    { name: 'no-circles', severity: 'error', from: { path: '^src' }, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
