/** The arrows of docs/architecture.md. A room may import itself and what is listed for it, nothing else of ours. */
const rooms = {
  'src/shared': [],
  'src/server/io': ['src/shared'],
  'src/server/formats': ['src/shared', 'src/server/io'],
  'src/server/graph': ['src/shared'],
  'src/server/inputs': ['src/shared', 'src/server/io'],
  'src/server/render': ['src/shared'],
  'src/server/layers': ['src/shared', 'src/server/graph'],
  'src/server/run': [
    'src/shared',
    'src/server/graph',
    'src/server/layers',
    'src/server/formats',
    'src/server/io',
  ],
  'src/server/explain': ['src/shared', 'src/server/graph', 'src/server/layers', 'src/server/run'],
  'src/server/language': ['src/shared', 'src/server/graph'],
  'src/extension': ['src/shared'],
  'src/webview': ['src/shared'],
};

/** Rooms that answer without a tensor library, so that listing a 500 MB model stays instant. */
const noTensors = '^src/(shared|extension|webview|server/(io|formats|graph|layers|inputs|render|language))';

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `arrows-of-${room.replace(/^src\//, '').replace('/', '-')}`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: '^src/', pathNot: [room, ...allowed].map((r) => `^${r}/`) },
    })),
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
