import { COLOUR_MAPS, type ColourMapName } from '../../shared/colourMaps';
import { type LayerglassError, ok, type Result, toError } from '../../shared/errors';
import type { Explanation, TargetChoice } from '../../shared/explanation';
import type { ExplainChoice, ExplainContext, ExplainHost, ExplainPage } from '../../shared/view';
import { el, fill, pageRoot } from '../dom';
import { formatDuration } from '../format';
import { errorPanel, noticeList } from '../messages';
import { progressBar } from '../progressBar';
import { connect } from '../rpc';
import { savedState, saveState } from '../state';
import { button, checkbox, field, segments, select, slider } from '../ui';
import { type ExplainState, isExplainState } from './choice';
import { classPicker } from './classPicker';
import { mapFigure } from './mapFigure';
import { predictionTable } from './predictions';
import { explainedClass, isTarget, targetOf } from './targets';
import { toolbar } from './toolbar';
import './style.css';

const host = connect<ExplainHost, ExplainPage>({
  progress: (progress) => bar.show(busy ? progress : null),
  setContext: (context) => enter(context),
  serverDown: (error) => {
    sequence += 1;
    setBusy(false);
    errors.show(error);
  },
});

let context: ExplainContext | null = null;
let shown: Explanation | null = null;
let compare = savedState(isExplainState)?.compare ?? false;
/** The input that is drawn below the map. */
let lastInput: Pick<Explanation, 'inputKey' | 'inputImage' | 'inputValues'> | null = null;
let busy = false;
/** Counts questions, so that the answer to one that is out of date is dropped. */
let sequence = 0;

const bar = progressBar(() => void host.call('cancel'));
const errors = errorPanel({
  onRetry: (insist) => {
    void host.call('retry', insist);
    void (context === null ? start() : ask());
  },
  onShowLog: () => void host.call('showLog'),
});
const notices = noticeList();
const sentence = el('p', { class: 'sentence', role: 'status' });
const details = el('p', { class: 'details quiet' });
const figure = mapFigure();
const otherFigure = mapFigure();
const caption = el('p', { class: 'caption' });
const otherCaption = el('p', { class: 'caption' });
const other = el('div', { class: 'compared' }, otherCaption, otherFigure.element);
const figures = el(
  'div',
  { class: 'figures fades' },
  el('div', { class: 'compared' }, caption, figure.element),
);
const tools = toolbar({
  onMethod: (method) => change({ method }),
  onLayer: (layer) => change({ layer }),
  onOutput: (output) => change({ target: { index: 'auto', score: context?.choice.target.score, output } }),
  onInput: () => void pick('pickInput'),
  onPreprocessing: () => void pick('pickPreprocessing'),
  onLayerValues: () => {
    if (context === null) return;
    const layer = context.choice.layer === 'auto' ? context.layers.defaultLayer : context.choice.layer;
    if (layer !== null) void host.call('openLayer', context.choice, layer);
  },
  onExport: (formats) => void exportMap(formats),
});
const predictions = predictionTable((prediction) => {
  if (context === null || shown === null) return;
  change({ target: targetOf(prediction, shown, context.choice.target) });
});
const anyClass = classPicker((index) => changeTarget({ index }));
const predicted = button({
  label: 'Back to the predicted class',
  onPress: () => changeTarget({ index: 'auto', negative: false }),
});
const score = segments(
  'Score',
  [
    { value: 'logit', label: 'Logit', title: 'Before the output’s activation: it does not saturate' },
    { value: 'probability', label: 'Probability', title: 'After the output’s activation' },
  ],
  (value) => changeTarget({ score: value }),
);
const evidence = segments(
  'Evidence',
  [
    { value: 'for', label: 'For the class' },
    { value: 'against', label: 'Against it' },
  ],
  (value) => changeTarget({ negative: value === 'against' }),
);
const compareBox = checkbox({
  label: 'Compare both classes side by side',
  onChange: (checked) => {
    compare = checked;
    void ask();
  },
});
const opacity = slider((percent) => changeLook({ opacity: percent / 100 }));
const colourMap = select<ColourMapName>(
  COLOUR_MAPS.map((name) => ({ value: name, label: name })),
  (name) => changeLook({ colourMap: name }),
);
const result = el('p', { class: 'quiet exported', role: 'status' });
const emptyWords = el('p', { class: 'quiet' });
const chooseInput = button({
  label: 'Choose Input…',
  kind: 'primary',
  onPress: () => void pick('pickInput'),
}).element;
const empty = el('div', { class: 'empty' }, el('p', {}, 'Nothing explained yet.'), emptyWords, chooseInput);
const content = el(
  'div',
  { class: 'content', hidden: true },
  figures,
  el(
    'aside',
    { class: 'side' },
    el(
      'section',
      { 'aria-label': 'Heat map look' },
      el('h2', {}, 'Heat map'),
      el('div', { class: 'look' }, field('Opacity', opacity.element), field('Colours', colourMap.element)),
    ),
    el(
      'section',
      { 'aria-label': 'Predictions' },
      el(
        'div',
        { class: 'heading' },
        el('h2', {}, 'Predictions'),
        button({ label: 'Class names…', onPress: () => void pick('editLabels') }).element,
      ),
      predictions.element,
      el('div', { class: 'other-class' }, anyClass.element, predicted.element),
    ),
    el(
      'section',
      { class: 'target', 'aria-label': 'Target' },
      el('h2', {}, 'Target'),
      score.element,
      evidence.element,
      compareBox.element,
    ),
  ),
);

pageRoot().append(
  tools.element,
  el('header', { class: 'page-status' }, el('div', {}, sentence, details), bar.element),
  errors.element,
  notices.element,
  result,
  empty,
  content,
);
tools.setExportable(false);
void start();

/** Asks the extension what to show; the saved choice goes with it, so that a reloaded window shows the same. */
async function start(): Promise<void> {
  errors.show(null);
  const answer = await host.call('ready', savedState(isExplainState));
  if (answer.ok) enter(answer.value);
  else showFailure(answer.error);
}

function enter(next: ExplainContext): void {
  context = next;
  showChoice();
  void ask();
}

function change(part: Partial<ExplainChoice>): void {
  if (context === null) return;
  context = { ...context, choice: { ...context.choice, ...part } };
  showChoice();
  void ask();
}

function changeTarget(part: Partial<TargetChoice>): void {
  if (context === null) return;
  change({ target: { ...context.choice.target, ...part } });
}

/** Colours and opacity only draw again: the server is not asked. */
function changeLook(part: { colourMap?: ColourMapName; opacity?: number }): void {
  if (context === null) return;
  context = { ...context, choice: { ...context.choice, ...part } };
  keep();
  const { colourMap: map, opacity: share } = context.choice;
  void host.call('keepLook', { colourMap: map, opacity: share });
  figure.setLook(context.choice);
  otherFigure.setLook(context.choice);
}

function keep(): void {
  if (context === null) return;
  const state: ExplainState = { ...context.choice, compare };
  saveState(state);
}

function showChoice(): void {
  if (context === null) return;
  const { choice } = context;
  keep();
  tools.show(context);
  opacity.setValue(choice.opacity * 100);
  colourMap.setValue(choice.colourMap);
  score.setValue(choice.target.score ?? 'logit');
  evidence.setValue(choice.target.negative ? 'against' : 'for');
  compareBox.setChecked(compare);
  predicted.element.hidden = choice.target.index === 'auto';
}

async function ask(): Promise<void> {
  if (context === null) return;
  keep();
  if (context.choice.inputs.length === 0) return showEmpty();
  sequence += 1;
  const mine = sequence;
  const { choice } = context;
  setBusy(true);
  errors.show(null);
  const answer = await explain(choice);
  if (mine !== sequence) return;
  if (!answer.ok) {
    setBusy(false);
    return showFailure(answer.error);
  }
  const explanation = answer.value;
  try {
    show(explanation);
  } catch (thrown) {
    setBusy(false);
    const error = toError(thrown);
    void host.call('failed', error);
    return showFailure(error);
  }
  if (compare && explanation.binary) await askOther(explanation, choice, mine);
  if (mine === sequence) setBusy(false);
}

/** Asks for an explanation; the input comes with the first one on it and is kept for the others. */
async function explain(choice: ExplainChoice): Promise<Result<Explanation>> {
  const answer = await host.call('explain', choice, lastInput?.inputKey ?? null);
  if (!answer.ok) return answer;
  const { inputKnown } = answer.value;
  const explanation = inputKnown && lastInput ? { ...answer.value, ...lastInput } : answer.value;
  const { inputKey, inputImage, inputValues } = explanation;
  lastInput = inputKey === null ? null : { inputKey, inputImage, inputValues };
  return ok(explanation);
}

/** The class of a single sigmoid that is not explained, for the second picture. */
async function askOther(explanation: Explanation, choice: ExplainChoice, mine: number): Promise<void> {
  const opposite = explanation.predictions.find((row) => !isTarget(row, explanation));
  if (opposite === undefined) return;
  const answer = await explain({ ...choice, target: targetOf(opposite, explanation, choice.target) });
  if (mine !== sequence || context === null) return;
  if (!answer.ok) return showFailure(answer.error);
  otherFigure.show(answer.value, context.choice);
  otherCaption.textContent = explainedClass(answer.value);
  const more = answer.value.notices.filter((notice) => !explanation.notices.includes(notice));
  notices.show([
    ...explanation.notices,
    ...more.map((notice) => `${explainedClass(answer.value)}: ${notice}`),
  ]);
  figures.append(other);
  // The extension exports and restores what was asked last, so the class that the page is about is asked again.
  await explain(choice);
}

function show(explanation: Explanation): void {
  if (context === null) return;
  figure.show(explanation, context.choice);
  shown = explanation;
  const { binary } = explanation;
  sentence.textContent = explanation.sentence;
  fill(details, ...detailsOf(context, explanation));
  notices.show(explanation.notices);
  predictions.show(explanation);
  anyClass.show(context, explanation);
  evidence.element.hidden = binary;
  compareBox.element.hidden = !binary;
  caption.textContent = compare && binary ? explainedClass(explanation) : '';
  if (!(compare && binary)) other.remove();
  empty.hidden = true;
  content.hidden = false;
  result.textContent = '';
  tools.setExportable(true);
}

function showEmpty(): void {
  setBusy(false);
  const takesInput = context === null || context.summary.inputs.length > 0;
  emptyWords.textContent = takesInput
    ? 'Choose an input for the model to see why it predicts what it predicts.'
    : 'This model takes no inputs, so there is nothing to explain its prediction by.';
  chooseInput.hidden = !takesInput;
  if (shown === null) empty.hidden = false;
}

/** What was shown stays; a cancelled question needs no words beyond its own. */
function showFailure(error: LayerglassError): void {
  errors.show(error);
  if (shown === null) empty.hidden = true;
}

function setBusy(next: boolean): void {
  busy = next;
  content.classList.toggle('outdated', next);
  content.setAttribute('aria-busy', String(next));
  bar.show(next ? { fraction: null, message: 'Computing' } : null);
  if (shown === null) empty.hidden = next;
}

async function pick(what: 'pickInput' | 'pickPreprocessing' | 'editLabels'): Promise<void> {
  if (context === null) return;
  const answer = await host.call(what, context.choice);
  if (!answer.ok) return showFailure(answer.error);
  if (answer.value !== null) enter(answer.value);
}

async function exportMap(formats: Parameters<ExplainHost['exportMap']>[1]): Promise<void> {
  if (context === null) return;
  const answer = await host.call('exportMap', context.choice, formats);
  if (!answer.ok) return showFailure(answer.error);
  if (answer.value !== null) result.textContent = `Exported ${answer.value.join(', ')}`;
}

function detailsOf(
  { summary, inputNames }: ExplainContext,
  { backend, timings }: Explanation,
): HTMLElement[] {
  const parts = [
    summary.name,
    inputNames.join(', '),
    `${backend} backend`,
    timings.total > 0 ? formatDuration(timings.total) : 'from the cache',
  ];
  return parts.filter((part) => part !== '').map((part) => el('span', {}, part));
}
