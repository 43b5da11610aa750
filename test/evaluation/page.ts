import { METHODS } from '../../src/shared/methods';
import type { Trust, Verdict } from '../../src/shared/results/trust';
import type { MethodRow, MethodTable } from './measure';
import type { VerdictRow } from './verdicts';

/** What a run measured, perhaps an earlier one than the rest of the page. */
export interface Measured<T> {
  readonly run: RunFacts;
  readonly result: T;
}

interface RunFacts {
  readonly commit: string;
  readonly date: string;
  readonly machine: string;
  readonly backend: string;
  /** Load average at the end. */
  readonly busy: number;
}

const TITLES: Readonly<Record<string, string>> = {
  '1-sequence': 'Sample 1, a motif in DNA',
  '3-binary': 'Sample 3, a digit on gravel',
  '4-cat-or-dog': 'Sample 4, a cat or a dog',
};
const titleOf = (name: string): string => TITLES[name] ?? name;

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(header), row(header.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');
const percent = (share: number): string => `${Math.round(100 * share)} %`;

/**
 * Text of docs/evaluation.md.
 * @param runs those that the tables of the methods were made from
 */
export function page(
  tables: readonly Measured<MethodTable>[],
  rows: readonly Measured<VerdictRow>[],
  runs: readonly Measured<MethodTable>[],
): string {
  return [
    '# Where the truth is known',
    'Written by `npm run evaluate`, not by hand. The models of samples 1, 3 and 4 explain inputs that they were not trained on, in which it is known ' +
      'where the evidence lies (`samples/make_held_out.py`).',
    ...(tables.length > 0 ? methodsPart(tables, runs) : []),
    ...(rows.length > 0 ? verdictsPart(rows) : []),
  ]
    .join('\n\n')
    .concat('\n');
}

function methodsPart(
  tables: readonly Measured<MethodTable>[],
  runs: readonly Measured<MethodTable>[],
): string[] {
  return [
    '## Methods',
    ...factsOf(runs),
    [
      '- Each method explains the true class with its default options, a layer method at the default layer.',
      '- **Pointing game**: the share of the maps whose maximum, as it is drawn, is where the evidence is.',
      '- **Insertion AUC**: the mean area under the probability of the class as the strongest positions appear in 20 steps, on the blurred image or on zeros.',
      '- **Seconds** of an explanation, the median; n: inputs. Slow methods on a large model may have fewer.',
      '- The floor is a map of random blocks.',
    ].join('\n'),
    ...tables.flatMap(({ result }) => methodTableText(result)),
  ];
}

/** A sentence for each machine and commit. */
const factsOf = (parts: readonly Measured<unknown>[]): string[] => [
  ...new Set(
    parts.map(
      ({ run: { commit, date, machine, backend } }) =>
        `Commit ${commit}, ${date}, backend ${backend}, ${machine}.`,
    ),
  ),
  `Load average at the end: ${parts.map(({ run }) => run.busy.toFixed(0)).join(', ')}. What exceeds one or two is other work on the machine, which stretches the seconds.`,
];

const ABOUT: Readonly<Record<string, string>> = {
  '1-sequence':
    'Sequences with the letters CG one to four times; the evidence is those letters, 0.3 % of 1,803. The model looks at two letters at a time and keeps the maximum. The perturbation methods change windows of some 30 letters, all of which get the same value, and the first of them counts: they find the window and not the letters.',
  '3-binary':
    'Grey images with a digit; the evidence is in its box, 6 % of the image. The model takes the blurred image for a digit as well, so that all that insertion can show is how much a half-inserted image disturbs it: a method of scattered pixels loses against a random map of whole blocks although it points at the digit.',
  '4-cat-or-dog': 'Images with a cat or a dog; the evidence is in its box, a quarter of the image.',
};

function methodTableText({ name, n, accuracy, rows, skipped }: MethodTable): string[] {
  return [
    `### ${titleOf(name)}`,
    `${ABOUT[name] ?? ''} The model is right on ${percent(accuracy)} of ${n}.`,
    table(
      ['Method', 'Pointing game', 'Insertion AUC', 'Seconds', 'n'],
      rows.map((one) => [
        labelOf(one),
        percent(one.pointing),
        one.insertionAuc.toFixed(3),
        one.method === 'random' ? '' : one.seconds.toPrecision(2),
        String(one.n),
      ]),
    ),
    ...(skipped.length === 0
      ? []
      : [
          `Not applicable: ${skipped.map(({ method, reason }) => `${METHODS[method].label} (${reason.replace(/\.$/, '')})`).join('; ')}.`,
        ]),
  ];
}

const labelOf = ({ method }: MethodRow): string =>
  method === 'random' ? '*random map*' : METHODS[method].label;

const VERDICTS: readonly Verdict[] = ['believe', 'doubt', 'no-evidence'];

function verdictsPart(parts: readonly Measured<VerdictRow>[]): string[] {
  const rows = parts.map(({ result }) => result);
  const share = (trusts: readonly Trust[], verdict: Verdict): string =>
    percent(trusts.filter((trust) => trust.verdict === verdict).length / Math.max(1, trusts.length));
  return [
    '## The verdict',
    ...factsOf(parts),
    'The control is the same network trained on shuffled labels, which say nothing of the inputs. Those of samples 1 and 3 are too small to learn the labels by heart ' +
      'and stay undecided. That of sample 4 is trained until it knows 99 % of its training images by heart; on the held-out ones it is often sure, and right by chance.',
    `The verdict is that of \`--trust\` on the default method (${METHODS[rows[0]?.method ?? 'grad-cam'].label}) for the predicted class. The thresholds were set on the inputs with even numbers, counted from 0; the table has those with odd numbers.`,
    table(
      ['Model', 'Labels', ...VERDICTS.map((verdict) => verdict.replace('-', ' ')), 'n', 'Seconds'],
      rows.map(({ name, labels, trusts, seconds }) => {
        const reported = trusts.filter((_, i) => i % 2 === 1);
        return [
          titleOf(name),
          labels,
          ...VERDICTS.map((verdict) => share(reported, verdict)),
          String(reported.length),
          seconds.toPrecision(2),
        ];
      }),
    ),
  ];
}
