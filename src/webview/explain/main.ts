// One page and its state: longer than 400 lines.

import '../language';
import * as l10n from '@vscode/l10n';
import { unedited } from '../../shared/edits/inputEdit';
import { type LayerglassError, ok, type Result, toError } from '../../shared/errors';
import type { Explanation, TargetChoice } from '../../shared/explanation';
import { COLOUR_MAPS, type ColourMapName } from '../../shared/maps/colourMaps';
import { type DisplayRule, METHODS } from '../../shared/methods';
import type { WireTensor } from '../../shared/model';
import type { RemovedPart } from '../../shared/results/whatIf';
import type {
  Comparison,
  ExplainChange,
  ExplainContext,
  Explained,
  ExplainHost,
  ExplainPage,
} from '../../shared/view';
import { doctorLine } from '../doctorLine';
import { el, fill, pageRoot } from '../dom';
import { formatDuration } from '../format';
import { errorPanel, noticeList } from '../messages';
import { progressBar } from '../progressBar';
import { connect } from '../rpc';
import { saveState } from '../state';
import { finish, reach } from '../timeLine';
import { button, checkbox, field, segments, select, slider } from '../ui';
import { checks } from './checks/checks';
import { classPicker } from './classPicker';
import { agreementText, compareWith, mapName } from './compare/compareWith';
import { agreementOf } from './compare/difference';
import { comparisonLabel, comparisons } from './comparison';
import { inputEditor } from './edit/editor';
import { exportedText } from './exported';
import { fileDrop } from './inputs/fileDrop';
import { stepper } from './inputs/stepper';
import { typedInputs } from './inputs/typedInputs';
import type { MapFigure } from './mapFigure';
import { methodLayers } from './methodLayers';
import { methodOptions } from './methodOptions';
import { predictionTable } from './predictions';
import { quantitiesSection } from './quantities';
import { regionDrawing } from './regionDrawing';
import { targetPart } from './targetPart';
import { explainedClass, hasProbabilities, isSingleValue, targetOf } from './targets';
import { toolbar } from './toolbar';
import { unitTarget } from './unitTarget';
import { sharedSlice, volumeFigure } from './volume';
import './style.css';
import './quantities.css';
import './target.css';
import './inputs/fileDrop.css';
import './inputs/typedInputs.css';
import './volume.css';

const host = connect<ExplainHost, ExplainPage>({
  progress: (progress) => bar.show(busy || isSearching ? progress : null),
  questionProgress: (progress) => questions.setProgress(progress),
  setContext: (context) => enter(context),
  serverDown: (error) => {
    sequence += 1;
    setBusy(false);
    errors.show(error);
  },
});

let context: ExplainContext | null = null;
let shown: Explanation | null = null;
/** The input below the map. */
let lastInput: Pick<Explanation, 'inputKey' | 'inputImage' | 'inputValues'> | null = null;
/** The values of the image that somebody pointed at last. */
let valuesOf: { readonly key: string; readonly values: Promise<WireTensor | null> } = {
  key: '',
  values: Promise.resolve(null),
};
let busy = false;
/** The next wrong input is looked for. */
let isSearching = false;
/** Counts the user's changes, so that only the newest returned choice is shown. */
let changes = 0;
/** Counts requests, so that outdated results are dropped. */
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
const doctor = doctorLine({
  ask: () => host.call('doctor'),
  onPreprocessing: (preprocessing) => void takeInput(host.call('setPreprocessing', preprocessing)),
  onLayer: (layer) => void host.call('openLayer', layer),
});
const sentence = el('p', { class: 'sentence', role: 'status' });
const details = el('p', { class: 'details quiet' });
/** The slice of a volume that all figures show. */
const slice = sharedSlice();
const figure = volumeFigure(slice, loadInput);
const caption = el('p', { class: 'caption' });
/** Beside the first map: of other inputs, of another class, of a difference. */
let besides: readonly MapFigure[] = [];
const firstFigure = el('div', { class: 'compared' }, caption, figure.element);
const figures = el('div', { class: 'figures fades' }, firstFigure);
/** How far the first map and that of another method or layer agree. */
const agreementLine = el('p', { class: 'agreement', 'aria-live': 'polite' });
const tools = toolbar({
  onMethod: (method) => change({ method, options: {} }),
  onLayer: (layer) => change({ layer }),
  onOutput: (output) => change({ target: { index: 'auto', negative: false, output, unit: null } }),
  onInput: () => void pick('pickInput'),
  onEdit: () => editor.toggle(),
  onDiscardEdits: () => void discardEdits(),
  onPreprocessing: () => void pick('pickPreprocessing'),
  onLayerValues: () => {
    if (context === null) return;
    const { layer: chosen } = context.choice;
    const layer = chosen === 'auto' ? methodLayers(context).defaultLayer : chosen;
    if (layer !== null) void host.call('openLayer', layer);
  },
  onExport: (formats) => void exportMap(formats),
  onExportSet: () => void exportSet(),
  onHealth: () => void host.call('openHealth'),
});
const steps = stepper({
  onStep: (at) => void takeInput(host.call('step', at)),
  onWrong: (direction) => void stepToWrong(direction),
  onAll: () => void host.call('openGallery'),
});
const typed = typedInputs((input, text) => void takeInput(host.call('typeInput', input, text)));
const drop = fileDrop({
  onUri: (input, uri) => void takeInput(host.call('dropUri', input, uri)),
  onContents: (input, name, contents) => void takeInput(host.call('dropContents', input, name, contents)),
  onRefused: (error) => showFailure(error),
});
const predictions = predictionTable((prediction) => {
  if (context === null || shown === null) return;
  change({ target: targetOf(prediction, shown, context.choice.target) });
});
const classNames = button({ label: l10n.t('Class Names…'), onPress: () => void pick('editLabels') }).element;
const namesFrom = el('p', { class: 'quiet names-from' });
const anyClass = classPicker((index) => change({ target: { index } }));
const predicted = button({
  label: l10n.t('Explain Predicted Class'),
  onPress: () => change({ target: { index: 'auto', negative: false } }),
});
const score = segments<NonNullable<TargetChoice['score']>>(
  l10n.t('Score'),
  [
    {
      value: 'logit',
      label: l10n.t('Logit'),
      title: l10n.t('Before the output’s activation, where the score does not saturate'),
    },
    { value: 'probability', label: l10n.t('Probability'), title: l10n.t('After the output’s activation') },
    {
      value: 'log-odds',
      label: l10n.t('Log-odds'),
      title: l10n.t('log(p / (1 - p)): against all other classes together'),
    },
  ],
  (value) => change({ target: { score: value } }),
);
const evidence = segments(
  l10n.t('Evidence'),
  [
    { value: 'for', label: l10n.t('For') },
    { value: 'against', label: l10n.t('Against') },
  ],
  (value) => change({ target: { negative: value === 'against' } }),
);
const compareBox = checkbox({
  label: l10n.t('Compare both classes side by side'),
  onChange: (checked) => changeBesides({ compare: checked }),
});
const otherMap = compareWith(changeBesides);
const part = targetPart((target) => change({ target }));
const unit = unitTarget((target) => change({ target }));
const region = regionDrawing(figure.stage, (chosen) => change({ target: { region: chosen } }));
const options = methodOptions((values) => change({ options: values }));
const display = segments<DisplayRule>(
  l10n.t('Shows'),
  [
    { value: 'positive', label: l10n.t('For'), title: l10n.t('Evidence for the target') },
    {
      value: 'signed',
      label: l10n.t('For and against'),
      title: l10n.t('Evidence for the target in red, against it in blue'),
    },
    {
      value: 'absolute',
      label: l10n.t('Size'),
      title: l10n.t('How strong the evidence is, whatever its sign'),
    },
  ],
  (rule) => change({ display: rule }),
);
const opacity = slider((percent) => changeDisplay({ opacity: percent / 100 }));
const colourMap = select<ColourMapName>(
  COLOUR_MAPS.map((name) => ({ value: name, label: name })),
  (name) => changeDisplay({ colourMap: name }),
);
let marked: readonly RemovedPart[] = [];
const questions = checks({
  ask: {
    trust: (insist) => host.call('trust', insist),
    wasItTheInput: (insist) => host.call('wasItTheInput', insist),
    whatWouldChange: (insist) => host.call('whatWouldChange', insist),
  },
  cancel: () => void host.call('cancelQuestion'),
  onPreprocessing: (chosen) => void takeInput(host.call('setPreprocessing', chosen)),
  onMarked: (parts) => {
    marked = parts;
    showMarked();
  },
});
const result = el('p', { class: 'quiet exported', role: 'status' });
const emptyText = el('p', { class: 'quiet' });
const chooseInput = button({
  label: l10n.t('Choose Input…'),
  kind: 'primary',
  onPress: () => void pick('pickInput'),
}).element;
const empty = el(
  'div',
  { class: 'empty' },
  el('p', {}, l10n.t('No prediction is explained yet.')),
  emptyText,
  chooseInput,
);
const quantities = quantitiesSection({
  fetch: () => host.call('layerQuantities', explainedLayer() ?? 'auto'),
  onError: (error) => errors.show(error),
});
const editor = inputEditor({
  fetch: (input) => host.call('editable', input),
  onEdits: (input, edits) => takeInput(host.call('editInput', input, edits)),
  onSave: (input, formats) => void saveInput(input, formats),
  onError: (error) => showFailure(error),
  onOpen: (isOpen) => {
    tools.setEditing(isOpen);
    editAndMap.classList.toggle('editing', isOpen);
  },
});
const editAndMap = el('div', { class: 'edit-and-map' }, editor.element, figures);
const content = el(
  'div',
  { class: 'content', hidden: true },
  el('div', { class: 'explained' }, editAndMap, agreementLine, questions.element),
  el(
    'aside',
    { class: 'side' },
    el(
      'section',
      { 'aria-label': l10n.t('Heat map display') },
      el('h2', {}, l10n.t('Heat map')),
      el(
        'div',
        { class: 'display' },
        display.element,
        field(l10n.t('Opacity'), opacity.element),
        field(l10n.t('Colours'), colourMap.element),
      ),
    ),
    el(
      'section',
      { 'aria-label': l10n.t('Predictions') },
      el('div', { class: 'heading' }, el('h2', {}, l10n.t('Predictions')), classNames),
      predictions.element,
      namesFrom,
      el('div', { class: 'other-class' }, anyClass.element, predicted.element),
    ),
    el(
      'section',
      { class: 'target', 'aria-label': l10n.t('Target') },
      el('h2', {}, l10n.t('Target')),
      score.element,
      evidence.element,
      part.element,
      region.hint,
      unit.element,
      compareBox.element,
    ),
    el('section', { 'aria-label': l10n.t('Compare') }, el('h2', {}, l10n.t('Compare')), otherMap.element),
    options.element,
  ),
  quantities.element,
);

pageRoot().append(
  tools.element,
  steps.element,
  typed.element,
  el('header', { class: 'page-status' }, el('div', {}, sentence, details), bar.element),
  errors.element,
  doctor.element,
  notices.element,
  result,
  empty,
  content,
  drop.element,
);
tools.setExportable(false);
void start();

/** Requests the context from the extension. */
async function start(): Promise<void> {
  errors.show(null);
  const answer = await host.call('ready');
  if (answer.ok) enter(answer.value);
  else showFailure(answer.error);
}

function enter(next: ExplainContext): void {
  reach('context');
  const placeOf = (of: ExplainContext | null) => JSON.stringify(of?.choice.inputs.map(unedited));
  const isOther = placeOf(context) !== placeOf(next);
  context = next;
  // Pending changes are older than this context.
  changes += 1;
  showChoice();
  void ask();
  if (!isOther) return;
  steps.showPredicted(null);
  void showPosition();
}

/** After the explanation is requested, so that it does not wait for the listing of a folder. */
async function showPosition(): Promise<void> {
  const of = context;
  const answer = await host.call('position');
  if (of === context) steps.show(answer.ok ? answer.value : null);
}

/** The extension merges the change into the choice; the returned choice is shown and explained. */
function change(part: ExplainChange): void {
  if (context !== null) void ask(send(part));
}

/** Only what is beside the first map is another: that map itself is not made again. */
function changeBesides(part: Pick<ExplainChange, 'compare' | 'compareWith'>): void {
  if (shown === null || busy) change(part);
  else void askBesides(shown, send(part));
}

async function askBesides(explanation: Explanation, sent: Promise<void>): Promise<void> {
  sequence += 1;
  const mine = sequence;
  setBusy(true);
  errors.show(null);
  notices.show(explanation.notices);
  await sent;
  if (mine !== sequence) return;
  await showBesides(explanation, mine);
  if (mine !== sequence) return;
  setBusy(false);
  showMarked();
}

/** Colours and opacity are redrawn immediately, without a request to the server. */
function changeDisplay(part: Pick<ExplainChange, 'colourMap' | 'opacity'>): void {
  if (context === null) return;
  const drawing = { ...context.choice, ...part };
  for (const one of [figure, ...besides]) one.setDisplay(drawing);
  void send(part);
}

async function send(part: ExplainChange): Promise<void> {
  changes += 1;
  const mine = changes;
  const answer = await host.call('change', part);
  if (!answer.ok) return showFailure(answer.error);
  if (mine !== changes || context === null) return;
  context = { ...context, choice: answer.value };
  showChoice();
}

function showChoice(): void {
  if (context === null) return;
  const { choice } = context;
  // VS Code passes it to the extension after a reload of the window.
  saveState(choice);
  tools.show(context);
  typed.show(context);
  drop.show(context);
  editor.show(context);
  opacity.setValue(choice.opacity * 100);
  colourMap.setValue(choice.colourMap);
  score.setValue(choice.target.score ?? 'logit');
  evidence.setValue(choice.target.negative ? 'against' : 'for');
  compareBox.setChecked(choice.compare ?? false);
  otherMap.show(context);
  predicted.element.hidden = choice.target.index === 'auto';
  predicted.setLabel(
    choice.target.unit === undefined ? l10n.t('Explain Predicted Class') : l10n.t('Explain Strongest Unit'),
  );
  options.show(choice.method, choice.options ?? {});
}

/** Requests an explanation. @param sent the pending change to explain */
async function ask(sent?: Promise<void>): Promise<void> {
  if (context === null) return;
  sequence += 1;
  const mine = sequence;
  setBusy(true);
  questions.drop();
  errors.show(null);
  await sent;
  if (mine !== sequence) return;
  if (context.choice.inputs.length === 0) return showEmpty();
  const answer = await explain(null);
  if (mine !== sequence) return;
  if (!answer.ok) {
    setBusy(false);
    return showFailure(answer.error);
  }
  const explanation = answer.value;
  reach('explanation');
  try {
    show(explanation);
    finish((marks) => void host.call('painted', marks));
  } catch (thrown) {
    setBusy(false);
    const error = toError(thrown);
    void host.call('failed', error);
    return showFailure(error);
  }
  await showBesides(explanation, mine);
  if (mine !== sequence) return;
  setBusy(false);
  questions.show(explanation.answers ?? {});
  void doctor.show(explanation.inputKey);
}

/** What a change of the prediction removes, on the maps of its inputs. */
function showMarked(): void {
  for (const one of [figure, ...besides]) one.setRemoved(marked);
}

/** Requests an explanation. The input is sent with its first explanation and reused for the next ones. */
async function explain(compared: Comparison | null): Promise<Result<Explained>> {
  const answer = await host.call('explain', lastInput?.inputKey ?? null, compared);
  if (!answer.ok) return answer;
  const { inputKnown } = answer.value;
  const explanation = inputKnown && lastInput ? { ...answer.value, ...lastInput } : answer.value;
  const { inputKey, inputImage, inputValues } = explanation;
  lastInput = inputKey === null ? null : { inputKey, inputImage, inputValues };
  return ok(explanation);
}

/** The values of an image, for the readout. They are asked for once, until the input changes. */
async function loadInput({ inputKey, inputIndex }: Explanation): Promise<WireTensor | null> {
  if (inputKey === null) return null;
  if (valuesOf.key !== inputKey) {
    const values = host.call('inputValues', inputIndex).then((answer) => (answer.ok ? answer.value : null));
    valuesOf = { key: inputKey, values };
  }
  return valuesOf.values;
}

/** The maps of further inputs, and those of the comparison where the user wants it. */
async function showBesides(explanation: Explanation, mine: number): Promise<void> {
  if (context === null) return;
  const { choice } = context;
  const found: Explanation[] = [];
  const captions: string[] = [];
  for (const one of explanation.others) {
    found.push({ ...explanation, ...one });
    captions.push(one.input);
  }
  const { compareWith: other } = choice;
  let firstName = '';
  let agreement: string | null = null;
  const compared = [
    ...(choice.compare ? comparisons(explanation, choice.target) : []),
    ...(other === undefined ? [] : [{ caption: '', compared: other }]),
  ];
  for (const { caption: name, compared: wanted } of compared) {
    const answer = await explain(wanted);
    if (mine !== sequence) return;
    if (!answer.ok) {
      showFailure(answer.error);
      break;
    }
    found.push(answer.value);
    if (wanted === other) firstName = mapName(explanation, answer.value);
    captions.push(
      wanted === other
        ? mapName(answer.value, explanation)
        : explanation.binary
          ? explainedClass(answer.value)
          : name,
    );
    // Of several classes the difference is the map of the difference of their scores.
    if (wanted !== other && !explanation.binary) continue;
    const agreed = agreementOf(explanation, answer.value);
    if (agreed === null) continue;
    found.push(agreed.difference);
    captions.push(l10n.t('Difference'));
    agreement = agreementText(agreed.rankCorrelation);
  }
  besides = found.map(() => volumeFigure(slice, loadInput));
  const rows = found.map((one, i) => {
    const drawn = besides[i];
    drawn?.show(one, choice);
    return el('div', { class: 'compared' }, el('p', { class: 'caption' }, captions[i] ?? ''), drawn?.element);
  });
  figures.replaceChildren(firstFigure, ...rows);
  agreementLine.textContent = agreement;
  caption.textContent =
    firstName !== ''
      ? firstName
      : compared.length > 0
        ? explainedClass(explanation)
        : explanation.others.length > 0
          ? explanation.input
          : '';
  const more = found.flatMap((one) =>
    one.notices
      .filter((notice) => !explanation.notices.includes(notice))
      .map(
        (notice) =>
          `${isSameMap(one, explanation) ? explainedClass(one) : mapName(one, explanation)}: ${notice}`,
      ),
  );
  if (more.length > 0) notices.show([...explanation.notices, ...more]);
}

const isSameMap = (one: Explanation, other: Explanation): boolean =>
  one.method === other.method && one.layer === other.layer;

function show(explanation: Explanation): void {
  if (context === null) return;
  figure.show(explanation, context.choice);
  shown = explanation;
  const { binary } = explanation;
  sentence.textContent = explanation.sentence;
  fill(details, ...detailsOf(context, explanation));
  notices.show(explanation.notices);
  predictions.show(explanation);
  steps.showPredicted(isSingleValue(explanation) ? null : (explanation.predictions[0]?.index ?? null));
  editor.showExplained(explanation);
  anyClass.show(context, explanation);
  namesFrom.textContent = namesText(context, explanation);
  classNames.hidden = isSingleValue(explanation) || explanation.target.unit !== null;
  score.element.hidden = !hasProbabilities(explanation);
  evidence.element.hidden = binary;
  const comparison = comparisonLabel(explanation);
  compareBox.element.hidden = comparison === null;
  compareBox.setLabel(comparison ?? '');
  part.show(explanation, context.choice);
  unit.show(context, explanation);
  region.show(explanation, context.choice);
  quantities.show(explainedLayer());
  display.setValue(explanation.display);
  empty.hidden = true;
  content.hidden = false;
  result.textContent = '';
  tools.setExportable(true);
}

/** The layer of a map at a layer; for a map at the input the chosen or default one. */
function explainedLayer(): string | null {
  if (context === null || shown === null) return null;
  if (METHODS[shown.method].scope === 'layer') return shown.layer;
  const { choice, layers } = context;
  return choice.layer === 'auto' ? layers.defaultLayer : choice.layer;
}

function showEmpty(): void {
  setBusy(false);
  const takesInput = context === null || context.summary.inputs.length > 0;
  emptyText.textContent = takesInput
    ? l10n.t('Choose an input to explain the model’s prediction, or drop a file here with Shift held.')
    : l10n.t('This model takes no inputs, so its prediction cannot be explained.');
  chooseInput.hidden = !takesInput;
  if (shown === null) empty.hidden = false;
}

/** The previous explanation stays visible. */
function showFailure(error: LayerglassError): void {
  errors.show(error);
  if (shown === null) empty.hidden = true;
}

function setBusy(next: boolean): void {
  busy = next;
  content.classList.toggle('outdated', next);
  content.setAttribute('aria-busy', String(next));
  bar.show(next ? { fraction: null, message: l10n.t('Computing') } : null);
  if (shown === null) empty.hidden = next;
}

async function pick(what: 'pickInput' | 'pickPreprocessing' | 'editLabels'): Promise<void> {
  if (context === null) return;
  const answer = await host.call(what);
  if (!answer.ok) return showFailure(answer.error);
  if (answer.value !== null) enter(answer.value);
}

/** An input that was given on the page itself. */
async function takeInput(given: Promise<Result<ExplainContext | null>>): Promise<void> {
  const answer = await given;
  if (!answer.ok) return showFailure(answer.error);
  if (answer.value !== null) enter(answer.value);
}

async function stepToWrong(direction: 'next' | 'previous'): Promise<void> {
  isSearching = true;
  const answer = await host.call('nextWrong', direction);
  isSearching = false;
  bar.show(null);
  if (!answer.ok) return showFailure(answer.error);
  if (answer.value !== null) return enter(answer.value);
  result.textContent =
    direction === 'next'
      ? l10n.t('No later input is predicted wrong.')
      : l10n.t('No earlier input is predicted wrong.');
}

/** All inputs as they were. */
async function discardEdits(): Promise<void> {
  if (context === null) return;
  editor.discard();
  for (const input of context.choice.inputs.keys()) await takeInput(host.call('editInput', input, []));
}

async function saveInput(input: number, formats: Parameters<ExplainHost['saveInput']>[1]): Promise<void> {
  const answer = await host.call('saveInput', input, formats);
  if (!answer.ok) return showFailure(answer.error);
  if (answer.value !== null) result.textContent = l10n.t('Saved {0}.', answer.value);
}

async function exportMap(formats: Parameters<ExplainHost['exportMap']>[0]): Promise<void> {
  if (context === null) return;
  const answer = await host.call('exportMap', formats);
  if (!answer.ok) return showFailure(answer.error);
  if (answer.value !== null) result.textContent = l10n.t('Exported {0}.', answer.value.join(', '));
}

async function exportSet(): Promise<void> {
  if (context === null) return;
  const answer = await host.call('exportSet');
  if (!answer.ok) return showFailure(answer.error);
  if (answer.value !== null) result.textContent = exportedText(answer.value);
}

/** Where the class names come from, and which ones are not used. */
function namesText({ labelsFrom, labelNotices }: ExplainContext, explanation: Explanation): string {
  if (explanation.target.unit !== null) return '';
  const isNamed = explanation.predictions.some(({ label }) => label !== null);
  return [
    ...(labelsFrom === null || !isNamed ? [] : [l10n.t('Class names from {0}.', labelsFrom)]),
    ...labelNotices,
  ].join(' ');
}

function detailsOf(
  { summary, inputNames }: ExplainContext,
  { backend, timings }: Explanation,
): HTMLElement[] {
  const parts = [
    summary.name,
    inputNames.join(', '),
    l10n.t('{0} backend', backend),
    timings.total > 0 ? formatDuration(timings.total) : l10n.t('from the cache'),
  ];
  return parts.filter((part) => part !== '').map((part) => el('span', {}, part));
}
