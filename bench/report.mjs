/** The measurements as Markdown tables, which are put between markers into docs/benchmarks.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { inProject } from '../scripts/lib.mjs';

export const MIN_ROUNDS = 5;
export const page = inProject('docs/benchmarks.md');

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

export const ms = (value) => value.toFixed(value < 10 ? 1 : 0);
const seconds = (value) => value.toFixed(2);
const whole = (value) => value.toFixed(0);
export const ratio = (theirs, ours) => {
  const share = theirs / ours;
  return `${share.toFixed(share < 1 ? 2 : share < 10 ? 1 : 0)}x`;
};

const row = (cells) => `| ${cells.join(' | ')} |`;
export const table = (header, rows) =>
  [row(header), row(header.map(() => '---')), ...rows.map(row)].join('\n');

/**
 * A new text of a section with what the old one has beside it: dated lines, tables under other titles, and rows that were not measured
 * again. A table of other columns takes the place of the old one.
 */
export function withOldRows(before, text) {
  const parts = (all) => all.split(/^(?=### )/m).map((part) => part.trim());
  const titleOf = (part) => (part.startsWith('### ') ? part.split('\n', 1)[0] : '');
  const [old, fresh] = [before, text].map((all) => new Map(parts(all).map((part) => [titleOf(part), part])));
  const titles = [...new Set([...old.keys(), ...fresh.keys()])];
  return titles
    .map((one) => {
      const [own, other] = [fresh.get(one), old.get(one)];
      return own === undefined || other === undefined ? (own ?? other) : joined(other, own);
    })
    .join('\n\n');
}

function joined(before, text) {
  const dated = (all) => all.split('\n').filter((line) => /^- \d{4}-/.test(line));
  const [old, fresh] = [before, text].map(rowsOf);
  const isSame = old.header !== undefined && old.header === fresh.header;
  const rows = new Map([...(isSame ? old.rows : []), ...fresh.rows]);
  const lines = text.split('\n').filter((line) => !fresh.rows.has(firstCell(line)));
  if (fresh.header !== undefined) lines.splice(lines.indexOf(fresh.header) + 2, 0, ...rows.values());
  const all = onePerCommit([...dated(before), ...dated(text)]);
  const first = lines.findIndex((line) => /^- \d{4}-/.test(line));
  if (first >= 0) lines.splice(first, dated(text).length, ...all);
  return lines.join('\n');
}

const RUN =
  /^(?<day>- \d{4}-\d\d-\d\d) (?<from>\d\d:\d\d)(?: to (?<to>\d\d:\d\d))?(?<what>, .*?)(?:-dirty)?(?<where>, \d+ rounds: .*); load average (?<loads>[\d., to]+)(?<versions>; .*)$/;

/** The runs of one commit on one day as one line, in order; other lines stay as they are. */
function onePerCommit(lines) {
  const runs = new Map();
  for (const line of lines) {
    const { day, from, to = from, what, where, loads, versions } = RUN.exec(line)?.groups ?? {};
    const key = day === undefined ? line : day + what + where + versions;
    const { times = [], all = [] } = runs.get(key) ?? {};
    const numbers = (loads ?? '').match(/\d+(\.\d+)?/g)?.map(Number) ?? [];
    runs.set(key, {
      line,
      groups: day && { day, what, where, versions },
      times: [...times, from, to],
      all: [...all, ...numbers],
    });
  }
  return [...runs.values()]
    .map(({ line, groups, times, all }) => (groups ? runLine(groups, times, all) : line))
    .sort();
}

function runLine({ day, what, where, versions }, times, loads) {
  const ends = (one, other) => (one === other ? `${one}` : `${one} to ${other}`);
  const sorted = times.toSorted();
  const load = ends(Math.min(...loads), Math.max(...loads));
  return `${day} ${ends(sorted.at(0), sorted.at(-1))}${what}${where}; load average ${load}${versions}`;
}

const firstCell = (line) => (line.startsWith('|') ? line.split('|')[1].trim() : null);

function rowsOf(text) {
  const [header, , ...rows] = text.split('\n').filter((line) => line.startsWith('|'));
  return { header, rows: new Map(rows.map((line) => [firstCell(line), line])) };
}

/**
 * Puts a text between the markers of this name in docs/benchmarks.md, or with new markers at its end.
 * @param keepsRows whether what was not measured again stays
 */
export function writeSection(name, text, keepsRows = false) {
  const before = readFileSync(page, 'utf8');
  const [begin, end] = [`<!-- measured: ${name} -->`, `<!-- end: ${name} -->`];
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  const old = from < 0 || to < from ? '' : before.slice(from + begin.length, to).trim();
  const section = `${begin}\n${keepsRows && old !== '' ? withOldRows(old, text) : text}\n${end}`;
  const after =
    from < 0 || to < from
      ? `${before.trimEnd()}\n\n${section}\n`
      : `${before.slice(0, from)}${section}${before.slice(to + end.length)}`;
  writeFileSync(page, after);
}

const MIB = 2 ** 20;
const KERAS = 'Keras';
const COMPILED = 'Keras compiled';
const title = (contestant) => (contestant.startsWith(KERAS) ? contestant : `ours, ${contestant}`);

/** `passes` is how many forward passes' multiply-adds the work cannot do without; a backward pass needs as many as a forward one. */
const ROWS = [
  { label: 'Grad-CAM, new input, ms', question: 'new-input', take: (one) => one.ms, show: ms, passes: 1 },
  { label: 'Grad-CAM, another layer, ms', question: 'other-layer', take: (one) => one.ms, show: ms },
  { label: 'gradient at the input, ms', question: 'gradient', take: (one) => one.ms, show: ms, passes: 2 },
  { label: 'occlusion, 64 passes, ms', question: 'occlusion', take: (one) => one.ms, show: ms, passes: 64 },
  { label: 'cold start to a PNG, s', question: 'cold', take: (one) => one.wall, show: seconds },
  { label: '... CPU time, s', question: 'cold', take: (one) => one.cpu, show: seconds },
  {
    label: '... file not in the page cache, s',
    question: 'uncached',
    take: (one) => one.wall,
    show: seconds,
  },
  { label: '... peak memory, MiB', question: 'cold', take: (one) => one.peak, show: whole, isMemory: true },
];

/** The rows of one question and contestant: of the latest run with enough rounds, else of the latest. */
function latest(rows, minRounds) {
  const runs = [...new Set(rows.map(({ run }) => run))].sort();
  const of = (run) => rows.filter((one) => one.run === run);
  const full = runs.filter((run) => of(run).filter((one) => 'round' in one).length >= minRounds);
  return of(full.at(-1) ?? runs.at(-1));
}

/** A cell: median, least and most, and how many times faster than Keras, eager and compiled, in the same run. */
function cell(rows, contestant, { take, show, isMemory }, { minRounds, bytes }) {
  const own = latest(
    rows.filter((one) => one.contestant === contestant),
    minRounds,
  );
  const measured = own.filter((one) => 'round' in one);
  if (measured.length === 0) return own.length > 0 ? 'failed' : '';
  const values = measured.map(take);
  const value = median(values);
  const spread = values.length > 1 ? ` (${show(Math.min(...values))} to ${show(Math.max(...values))})` : '';
  const rounds = values.length < minRounds ? `, ${values.length} rounds` : '';
  const share = isMemory && bytes ? `, ${(value / (bytes / MIB)).toFixed(1)} x file` : '';
  const ratios = [KERAS, COMPILED].flatMap((peer) => {
    const theirs = rows.filter(
      (one) => one.contestant === peer && one.run === measured[0].run && 'round' in one,
    );
    return theirs.length === 0 ? [] : [ratio(median(theirs.map(take)), value)];
  });
  const compared = contestant.startsWith(KERAS) || ratios.length === 0 ? '' : `<br>**${ratios.join(', ')}**`;
  return `${show(value)}${spread}${share}${rounds}${compared}`;
}

function networkTable(name, rows, perSecond, minRounds) {
  const facts = rows.filter((one) => one.bytes !== undefined).at(-1) ?? {};
  const questions = new Set(ROWS.map(({ question }) => question));
  const columns = [
    ...new Set(rows.filter((one) => questions.has(one.question)).map((one) => one.contestant)),
  ].sort((a, b) => Number(b.startsWith(KERAS)) - Number(a.startsWith(KERAS)));
  const limit = ({ passes }) =>
    passes && facts.multiplyAdds && perSecond ? ms((passes * facts.multiplyAdds) / perSecond / 1e6) : '';
  const lines = ROWS.filter(({ question }) => rows.some((one) => one.question === question)).map((line) => [
    line.label,
    ...columns.map((contestant) =>
      cell(
        rows.filter((one) => one.question === line.question),
        contestant,
        line,
        { minRounds, bytes: facts.bytes },
      ),
    ),
    limit(line),
  ]);
  const size = facts.bytes
    ? `${(facts.multiplyAdds / 1e6).toFixed(0)} million multiply-adds, file of ${(facts.bytes / MIB).toFixed(0)} MiB. `
    : '';
  return `### ${name}

${size}${differences(rows, columns, minRounds)}

${table(['', ...columns.map(title), 'limit'], lines)}`;
}

/** The largest difference of our maps from Keras's. */
function differences(rows, columns, minRounds) {
  const found = columns.flatMap((contestant) => {
    const shares = ['new-input', 'other-layer', 'gradient'].flatMap((question) => {
      const own = rows.filter((one) => one.question === question && one.contestant === contestant);
      const values = latest(own, minRounds).flatMap(({ difference }) => difference ?? []);
      return values.length === 0 ? [] : [Math.max(...values).toExponential(0)];
    });
    return shares.length === 0 ? [] : [`${contestant} ${shares.join(', ')}`];
  });
  return found.length === 0 ? '' : `Largest differences from Keras: ${found.join('; ')}.`;
}

function listingTable(names, rows, minRounds) {
  const lines = names.flatMap((name) => {
    const own = rows.filter((one) => one.network === name && one.question === 'listing');
    const of = (contestant, take) =>
      latest(
        own.filter((one) => one.contestant === contestant && 'round' in one),
        minRounds,
      ).map(take);
    const [theirs, ours] = [KERAS, 'inspect'].map((contestant) => of(contestant, (one) => one.wall));
    if (theirs.length === 0 || ours.length === 0) return [];
    const peaks = [KERAS, 'inspect'].map((contestant) => whole(median(of(contestant, (one) => one.peak))));
    return [
      [name, seconds(median(theirs)), seconds(median(ours)), ratio(median(theirs), median(ours)), ...peaks],
    ];
  });
  return lines.length === 0
    ? ''
    : `\n\n### Listing the layers\n\n${table(['', 'Keras, s', 'ours, s', 'Keras / ours', 'Keras, peak MiB', 'ours, peak MiB'], lines)}`;
}

/** One line per run that a table has numbers of. */
function runLines(heads, rows) {
  return heads.map((head) => {
    const ends = rows.filter((one) => one.run === head.run && 'loadAtEnd' in one);
    const loads = [head.load, ...ends.map((one) => one.loadAtEnd)];
    return `- ${head.run.slice(0, 16).replace('T', ' ')}, commit ${head.commit}, ${head.rounds} rounds: ${head.machine}; load average ${loads.join(', ')}; Node ${head.node}, Python ${head.python}, TensorFlow ${head.tensorflow}, Keras ${head.keras}.`;
  });
}

/**
 * The tables of what was recorded.
 * @param {object[]} recorded by `run.mjs`, oldest first: a first record of each run with `rounds` and `machine`, and for each network its
 *   `bytes`, `multiplyAdds` and `perSecond` (thousand million multiply-adds of matrix products), the `version` of each contestant, and the measurements
 * @param {string[]} names networks in their order
 * @param {number} minRounds runs of fewer rounds are left out
 */
export function report(recorded, names, minRounds = MIN_ROUNDS) {
  const heads = recorded.filter((one) => 'rounds' in one && one.rounds >= minRounds);
  const runs = new Set(heads.map((one) => one.run));
  const rows = recorded.filter((one) => runs.has(one.run));
  // The best that was seen, because a busy machine shows less.
  const perSecond = Math.max(0, ...rows.flatMap((one) => one.perSecond ?? []));
  const versions = new Map(rows.filter((one) => one.version).map((one) => [one.contestant, one.version]));
  const tables = names.flatMap((name) => {
    const own = rows.filter((one) => one.network === name);
    return own.some((one) => 'round' in one) ? [networkTable(name, own, perSecond, minRounds)] : [];
  });
  const used = heads.filter((head) => rows.some((one) => one.run === head.run && 'round' in one));
  return `${[
    ...runLines(used, rows),
    ...[...versions].map(([contestant, version]) => `- ${title(contestant)}: ${version}.`),
    `- Matrix products of float32, ${perSecond.toFixed(0)} thousand million multiply-adds a second at most.`,
  ].join('\n')}

${tables.join('\n\n')}${listingTable(names, rows, minRounds)}`;
}
