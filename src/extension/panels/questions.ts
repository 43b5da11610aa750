import type { Disposable } from 'vscode';
import type { Result } from '../../shared/errors';
import type { Explanation } from '../../shared/explanation';
import { METHODS } from '../../shared/methods';
import * as protocol from '../../shared/protocol';
import type { Answers, ExplainChoice, Progress } from '../../shared/view';
import type { Client } from '../server/client';
import { LatestRequest } from '../server/latestRequest';
import { explainedParts } from './exportMap';

type Question = keyof Answers;
/** Parameters of a request without the model, which is reopened with another id. */
type Asked<Params> = Omit<Params, 'modelId'>;

/** Answers kept per page; the oldest is dropped first. */
const MAX_KEPT = 50;

/**
 * The questions of one explain page and their answers. An answer is kept with all that it depends on, so that it is shown again when
 * the page comes back, or the user goes back to an earlier choice, and never beside another explanation.
 */
export class Questions implements Disposable {
  private readonly request: LatestRequest;
  private readonly kept = new Map<string, Answers[Question]>();

  constructor(client: Pick<Client, 'ask'>, progress: (progress: Progress | null) => void) {
    this.request = new LatestRequest(client, progress);
  }

  /**
   * @param shown the explanation that is asked about; the answer is kept if it says what it was made from
   */
  async ask<Q extends Question>(
    question: Q,
    modelId: string,
    { insist, ...about }: AskedAbout & { readonly insist: boolean },
  ): Promise<Result<Answers[Q]>> {
    const { type, params } = requestOf(question, about.choice, about.labels);
    const answer = await this.request.ask(type, { ...params, modelId, insist });
    const { shown } = about;
    if (answer.ok && shown !== null && shown.inputKey !== null)
      this.keep(keyOf(question, about, shown), answer.value);
    return answer;
  }

  /** What was answered before about the same explanation. */
  known(about: AskedAbout): Partial<Answers> {
    const { shown } = about;
    if (shown === null) return {};
    const found = QUESTIONS.flatMap((question) => {
      const answer = this.kept.get(keyOf(question, about, shown));
      return answer === undefined ? [] : [[question, answer] as const];
    });
    return Object.fromEntries(found);
  }

  cancel(): void {
    this.request.cancel();
  }

  dispose(): void {
    this.request.dispose();
  }

  private keep(key: string, answer: Answers[Question]): void {
    this.kept.set(key, answer);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MAX_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}

/** An explanation: `inputKey` stands for the versions of the model and of its inputs, the rest for what "auto" was. */
export type Shown = Pick<Explanation, 'inputKey' | 'layer' | 'target'>;

export interface AskedAbout {
  readonly choice: ExplainChoice;
  readonly labels: readonly string[];
  /** Null before the first explanation. */
  readonly shown: Shown | null;
}

const { trust, whatWouldChange, wasItTheInput } = protocol;
const TYPES = { trust, whatWouldChange, wasItTheInput };
const QUESTIONS = Object.keys(TYPES) as Question[];

/** All that an answer depends on, so that the same target is known by its number as well as by "auto". */
function keyOf(
  question: Question,
  { choice, labels }: AskedAbout,
  { inputKey, layer, target }: Shown,
): string {
  const { index, negative, score, unit, versus, positions } = target;
  const run = [question, inputKey, labels, choice.target.output ?? 0];
  const prediction = [index, negative, versus, positions?.what, choice.target.region];
  const parts = {
    trust: [...prediction, score, unit, { ...explainedParts(choice), layer }],
    whatWouldChange: [...prediction, unit, groupsOf(choice)],
    wasItTheInput: [],
  };
  return JSON.stringify([...run, ...parts[question]]);
}

interface Requests {
  readonly trust: Asked<protocol.ExplainParams>;
  readonly whatWouldChange: Asked<protocol.ExplainParams>;
  readonly wasItTheInput: Asked<protocol.WasItTheInputParams>;
}

function requestOf<Q extends Question>(question: Q, choice: ExplainChoice, labels: readonly string[]) {
  const { inputs, preprocessing, target } = choice;
  const run = { inputs, preprocessing, ...(labels.length > 0 && { labels }) };
  const { output } = target;
  const params: { readonly [K in Question]: () => Requests[K] } = {
    trust: () => ({ ...run, ...explainedParts(choice), target }),
    whatWouldChange: () => ({
      ...run,
      method: 'feature-ablation',
      layer: 'auto',
      target,
      ...groupsOf(choice),
    }),
    wasItTheInput: () => ({ ...run, ...(output !== undefined && { output }) }),
  };
  return { type: TYPES[question] as protocol.RequestType<Params, Answers[Q]>, params: params[question]() };
}
type Params = Requests[Question] & { readonly modelId: string };

/** Options of a method that removes groups, as it removes them. */
function groupsOf({ method, options }: ExplainChoice): Pick<ExplainChoice, 'options'> {
  const hasGroups = METHODS[method].options.some(({ name }) => name === 'groups');
  return hasGroups && options ? { options } : {};
}
