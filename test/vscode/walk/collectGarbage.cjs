// Preloaded into the processes of the analysis server: collects garbage on SIGUSR2, so that what is measured is what is kept.
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');

if (/dist[\\/]server\.js$/.test(process.argv[1] ?? '')) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => collect());
}
