/**
 * `npm run bench [-- --network VGG16 ...] [--backend onnx ...] [--question occlusion ...] [--rounds N] [--report]`: the same work done by us on
 * every backend and by plain Keras, eager and compiled, in one run. Whoever is measured takes turns, so that a busy machine is busy for all.
 * Every measurement goes at once into results.jsonl in the cache folder, and the tables of docs/benchmarks.md are made from what is there;
 * `--report` only makes them. With fewer than 5 rounds it is a trial, whose table is printed and not written.
 */
import { rmSync, statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inProject, main, run, say, Trouble } from '../scripts/lib.mjs';
import {
  buildProduct,
  commit,
  contestants,
  dist,
  folder,
  machine,
  NETWORKS,
  prepare,
  records,
} from './networks.mjs';
import { findPython, floats, startPeer } from './peer.mjs';
import { MIN_ROUNDS, page, report, writeSection } from './report.mjs';
import { startServer } from './server.mjs';

const WARM_UPS = 2;
/** Of a round: one for the layers, one for the gradient, one for the occlusion. */
const INPUTS = 3;
const PASSES = 64;
/** What the one before still does, such as freeing memory or preparing for another layer, is over by then. */
const PAUSE_MS = 500;
const QUESTIONS = ['new-input', 'other-layer', 'gradient', 'occlusion', 'cold', 'uncached', 'listing'];
const WARM = QUESTIONS.slice(0, 4);

const script = inProject('bench/peer.py');
const cli = join(dist, 'cli.js');
const KERAS = [
  { name: 'Keras', how: 'eager' },
  { name: 'Keras compiled', how: 'compiled' },
];
const results = records('results.jsonl');

/** Those of `all` that are given, or all; `names` are what each may be called. */
function chosen(option, given, all, names) {
  const isCalled = (one, name) => names(one).some((known) => known.toLowerCase() === name.toLowerCase());
  const unknown = given?.find((name) => !all.some((one) => isCalled(one, name)));
  if (unknown !== undefined)
    throw new Trouble(`--${option} ${unknown} is not one of ${all.map((one) => names(one)[0]).join('; ')}.`);
  return given ? all.filter((one) => given.some((name) => isCalled(one, name))) : all;
}

/** Largest difference as a share of the largest value. */
function distance(ours, theirs) {
  if (ours.length !== theirs.length) throw new Trouble('The two sides made maps of different sizes.');
  const largest = theirs.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return ours.reduce((worst, value, i) => Math.max(worst, Math.abs(value - theirs[i])), 0) / largest;
}

/** What Keras answers to the questions about one network. */
const kerasAsker = (peer, network, { name, how }) => ({
  name,
  async ask(question, input) {
    const { layer, other, window, stride } = network;
    const asked = {
      'new-input': { question: 'grad-cam', layer },
      'other-layer': { question: 'grad-cam', layer: other },
      gradient: { question: 'gradient' },
      occlusion: { question: 'occlusion', window, stride },
    }[question];
    const { ms, map } = await peer.ask({ ...asked, how, input });
    return { ms, map: floats(map) };
  },
});

/** What one of our servers answers, asked as a page asks. */
function ourAsker(server, network) {
  const { layer, other, window, stride, preprocess } = network;
  let knownInput;
  return {
    name: server.name,
    async ask(question, input) {
      const asked = {
        'new-input': { layer },
        'other-layer': { layer: other, knownInput },
        gradient: { layer, method: 'saliency' },
        occlusion: { layer, method: 'occlusion', options: { window, stride } },
      }[question];
      const answer = await server.explain({ input, preprocess, ...asked });
      knownInput = answer.inputKey;
      if (question === 'occlusion' && answer.passes !== PASSES + 1)
        throw new Trouble(`${server.name} made ${answer.passes} passes instead of ${PASSES + 1}.`);
      return answer;
    },
  };
}

/** `work` for every contestant in turn; one that fails is recorded and takes no further part in the question. */
async function turn(askers, question, out, record, work) {
  for (const { name, ...asker } of askers) {
    if (out.has(`${question} ${name}`)) continue;
    try {
      await work({ name, ...asker });
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      say(`${question}, ${name}: ${error.message}`);
      out.add(`${question} ${name}`);
      record({ question, contestant: name, error: error.message });
    }
    await wait(PAUSE_MS);
  }
}

/** New inputs and other layers, everything loaded. Every question takes an input that nobody has seen, but another layer. */
async function warm(rounds, questions, { peer, servers, network, input, record }) {
  const askers = [
    ...KERAS.map((keras) => kerasAsker(peer, network, keras)),
    ...servers.map((server) => ourAsker(server, network)),
  ];
  const out = new Set();
  for (let round = -WARM_UPS; round < rounds; round++) {
    const inputs = Array.from({ length: INPUTS }, (_, i) => input((round + WARM_UPS) * INPUTS + i));
    const files = { 'new-input': 0, 'other-layer': 0, gradient: 1, occlusion: 2 };
    for (const question of WARM) {
      const isNeeded = questions.includes(question);
      const isBasis = question === 'new-input' && questions.includes('other-layer');
      // An occlusion warms up once: it is many passes.
      if (!(isNeeded || isBasis) || (question === 'occlusion' && round === -WARM_UPS)) continue;
      let theirs = null;
      await turn(askers, question, out, record, async ({ name, ask }) => {
        const { ms, map } = await ask(question, inputs[files[question]]);
        if (name === KERAS[0].name) theirs = map;
        const isCompared = theirs !== null && question !== 'occlusion' && !name.startsWith('Keras');
        if (round >= 0 && isNeeded)
          record({
            question,
            contestant: name,
            round,
            ms,
            ...(isCompared && { difference: distance(map, theirs) }),
          });
      });
    }
    if (round >= 0) say(`  round ${round + 1} of ${rounds}`);
  }
}

/** Whole processes; a first turn of each fills the page cache and is not recorded. */
async function processes(rounds, questions, { python, model, input, network, backends, record }) {
  const out = join(folder, 'map.png');
  const { layer, preprocess } = network;
  const explain = ({ backend, threads }) => [
    ...[process.execPath, cli, 'explain', model, '--input', input(0), '--layer', layer],
    ...['--preprocess', preprocess, '--backend', backend, '--out', out],
    ...(threads > 0 ? ['--threads', String(threads)] : []),
  ];
  const cold = [
    { name: KERAS[0].name, command: [python, script, 'explain', model, input(0), layer, out] },
    ...backends.map((ours) => ({ name: ours.name, command: explain(ours) })),
  ];
  const listing = [
    { name: KERAS[0].name, command: [python, script, 'list', model] },
    { name: 'inspect', command: [process.execPath, cli, 'inspect', model, '--json'] },
  ];
  for (const question of QUESTIONS.filter((name) => !WARM.includes(name) && questions.includes(name))) {
    say(`  ${question}`);
    const evict = question === 'uncached' ? ['--evict', model] : [];
    const failed = new Set();
    for (let round = -1; round < rounds; round++) {
      await turn(question === 'listing' ? listing : cold, question, failed, record, ({ name, command }) => {
        const took = JSON.parse(run(python, [inProject('bench/measure.py'), ...evict, ...command]).trim());
        if (round >= 0) record({ question, contestant: name, round, ...took });
      });
    }
  }
  rmSync(out, { force: true });
}

async function measureNetwork(name, { python, rounds, questions, ours, record }) {
  say(`${name}, load average ${loadavg()[0].toFixed(1)}`);
  const network = NETWORKS[name];
  const { model, input } = prepare(python, name, (rounds + WARM_UPS) * INPUTS);
  const recordHere = (row) => record({ network: name, ...row });
  const { multiplyAdds } = JSON.parse(run(process.execPath, [cli, 'inspect', model, '--json']));
  const peer = startPeer(python, script, model);
  const servers = [];
  const backends = [];
  try {
    const { numpy, tensorflow } = await peer.ask({ question: 'peak' });
    const perSecond = Math.max(numpy, tensorflow);
    recordHere({ bytes: statSync(model).size, multiplyAdds, perSecond });
    for (const one of ours) {
      const server = await startServer(join(dist, 'server.js'), one, model);
      if (server === null) {
        say(`the backend ${one.backend} is not there; going on without it`);
        continue;
      }
      recordHere({ contestant: one.name, version: server.version });
      servers.push(server);
      backends.push(one);
    }
    if (questions.some((question) => WARM.includes(question)))
      await warm(rounds, questions, { peer, servers, network, input, record: recordHere });
  } finally {
    await Promise.all([peer, ...servers].map((one) => one.stop()));
  }
  await processes(rounds, questions, { python, model, input, network, backends, record: recordHere });
}

await main(async () => {
  const { values } = parseArgs({
    options: {
      network: { type: 'string', multiple: true },
      backend: { type: 'string', multiple: true },
      question: { type: 'string', multiple: true },
      rounds: { type: 'string', default: String(MIN_ROUNDS) },
      report: { type: 'boolean', default: false },
    },
  });
  const publish = () => {
    const recorded = results.read();
    if (!recorded.some((one) => one.rounds >= MIN_ROUNDS))
      throw new Trouble(`${results.file} has no run of ${MIN_ROUNDS} rounds or more.`);
    writeSection('networks', report(recorded, Object.keys(NETWORKS)), true);
  };
  if (values.report) {
    publish();
    return;
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Trouble('--rounds takes a whole number from 1.');
  const networks = chosen('network', values.network, Object.keys(NETWORKS), (name) => [name]);
  const questions = chosen('question', values.question, QUESTIONS, (name) => [name]);
  const ours = chosen('backend', values.backend, contestants(), ({ name, backend }) => [name, backend]);
  const python = await findPython();
  const versions = JSON.parse(
    run(python, [script, 'versions'])
      .split('\n')
      // TensorFlow may greet on stderr, before or after.
      .find((line) => line.startsWith('{')) ?? '',
  );
  await buildProduct();
  const at = new Date().toISOString();
  const load = () => Number(loadavg()[0].toFixed(1));
  const record = (row) => results.add({ run: at, ...row });
  record({ rounds, machine: machine(), commit: commit(), node: process.version, ...versions, load: load() });
  for (const name of networks) {
    await measureNetwork(name, { python, rounds, questions, ours, record });
    record({ network: name, loadAtEnd: load() });
    if (rounds >= MIN_ROUNDS) publish();
  }
  const own = results.read().filter((row) => row.run === at);
  process.stdout.write(`${report(own, networks, 1)}\n`);
  say(`all measurements are in ${results.file}${rounds >= MIN_ROUNDS ? `, the tables in ${page}` : ''}`);
});
