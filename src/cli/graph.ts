import { Command } from 'commander';
import { viewGraph } from '../server/graph/viewGraph';
import { writeFile } from '../server/io/writeFile';
import { graphSvg } from '../server/render/graphSvg';
import { fail } from '../shared/errors';
import {
  allGroups,
  fold,
  groupsAround,
  indexOf,
  unfoldedAtFirst,
  type ViewIndex,
} from '../shared/graphView/fold';
import { GraphLayouter } from '../shared/graphView/layout';
import { visible } from '../shared/text';
import { backendOption, customLayersOption, fileEndingIn, modelArgument, threadsOption } from './options';
import { printLines } from './output';
import type { ComputeOptions, OpenSession } from './session';

interface GraphOptions extends ComputeOptions {
  readonly out: string;
  readonly expand?: string;
}

/** Beyond this an image can be neither read nor opened by common viewers. */
const MAX_BOXES = 5000;

export function graphCommand(openSession: OpenSession): Command {
  return new Command('graph')
    .description(
      'Draw the graph of a model as an SVG image: layers, shapes and parameters, with nested models and name scopes as frames. Reads no weights.',
    )
    .addArgument(modelArgument())
    .requiredOption('--out <file.svg>', 'the image to write', fileEndingIn('.svg'))
    .option(
      '--expand <which>',
      'unfold all nested models and scopes, none, or the one at a path, with those around it; by default as many as keep the graph small',
    )
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(customLayersOption())
    .action(async (path: string, options: GraphOptions) => {
      const graph = viewGraph((await openSession(options).open(path)).graph);
      const index = indexOf(graph);
      const unfolded = unfoldedGroups(index, options.expand);
      checkCount(index, unfolded);
      const layout = new GraphLayouter(index).layout(unfolded);
      writeFile(options.out, Buffer.from(graphSvg(graph, layout)));
      const folded = layout.folded.boxes.filter((box) => graph.nodes[box]?.kind === 'group').length;
      const rest = folded === 0 ? '' : `, ${folded} of them folded groups`;
      printLines([visible(`${options.out}  (${layout.boxes.length} boxes${rest})`)]);
    });
}

function unfoldedGroups(index: ViewIndex, expand: string | undefined): ReadonlySet<number> {
  if (expand === undefined) return unfoldedAtFirst(index);
  if (expand === 'all') return allGroups(index);
  if (expand === 'none') return new Set();
  const { graph } = index;
  const wanted = graph.nodes.findIndex(({ path, kind }) => path === expand && kind === 'group');
  if (wanted < 0) {
    const isLayer = graph.nodes.some(({ path }) => path === expand);
    fail(
      isLayer ? 'not-applicable' : 'no-such-layer',
      isLayer
        ? `"${expand}" is not a nested model or name scope, so there is nothing to unfold in it.`
        : `The model has no nested model or name scope "${expand}".`,
      { subject: expand, remedy: 'List the layers with: layerglass inspect MODEL' },
    );
  }
  return new Set([...groupsAround(graph, wanted), wanted]);
}

function checkCount(index: ViewIndex, unfolded: ReadonlySet<number>): void {
  const count = fold(index, unfolded).boxes.length;
  if (count <= MAX_BOXES) return;
  const hasGroups = index.children.size > 0;
  fail(
    'too-large',
    `The image would have ${count.toLocaleString('en-US')} boxes, at most ${MAX_BOXES.toLocaleString('en-US')} are drawn.`,
    {
      remedy: hasGroups
        ? 'Collapse the nested models and scopes with --expand none, or unfold one of them with --expand PATH.'
        : 'Open the model in the extension, whose graph page shows part of it.',
    },
  );
}
