/** The graph as text for tools that draw it: required dependencies as lines, optional ones dashed. */
import type { Arrow } from './arrows.ts';
import { isWorkflow, type NodeId, nameOf } from './graph.ts';

export interface DrawnNode {
  readonly id: NodeId;
  /** Whether it is registered. */
  readonly registered: boolean;
}

const rangesText = ({ versionRanges }: Arrow): string =>
  versionRanges.filter((range) => range !== '*').join(' || ');

const quoted = (text: string): string => `"${text.replace(/["\\]/g, (found) => `\\${found}`)}"`;

/** https://graphviz.org/doc/info/lang.html */
export function graphToDot(nodes: readonly DrawnNode[], arrows: readonly Arrow[]): string {
  const lines = [
    ...nodes.map((node) => `${quoted(node.id)} [${dotNode(node)}];`),
    ...arrows.map((arrow) => `${quoted(arrow.from)} -> ${quoted(arrow.to)} [${dotArrow(arrow)}];`),
  ];
  return ['digraph dependencies {', '  rankdir=LR;', ...lines.map((line) => `  ${line}`), '}', ''].join('\n');
}

const dotNode = ({ id, registered }: DrawnNode): string =>
  [
    `label=${quoted(nameOf(id))}`,
    `shape=${isWorkflow(id) ? 'ellipse' : 'box'}`,
    ...(registered ? [] : ['style=dashed', 'color=red']),
  ].join(', ');

const dotArrow = (arrow: Arrow): string => {
  const ranges = rangesText(arrow);
  return [
    `style=${arrow.required ? 'solid' : 'dashed'}`,
    ...(ranges ? [`label=${quoted(ranges)}`] : []),
  ].join(', ');
};

/** https://mermaid.js.org/syntax/flowchart.html; ids are numbers, since names such as `end` are words of Mermaid. */
export function graphToMermaid(nodes: readonly DrawnNode[], arrows: readonly Arrow[]): string {
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const lines = [
    ...nodes.map((node) => mermaidNode(node, ids.get(node.id) ?? '')),
    ...arrows.map((arrow) => `${ids.get(arrow.from)} ${mermaidArrow(arrow)} ${ids.get(arrow.to)}`),
    'classDef missing stroke:#c00,stroke-dasharray:4',
  ];
  return ['flowchart LR', ...lines.map((line) => `  ${line}`), ''].join('\n');
}

function mermaidNode({ id, registered }: DrawnNode, as: string): string {
  const label = `"${nameOf(id)}"`;
  return `${as}${isWorkflow(id) ? `([${label}])` : `[${label}]`}${registered ? '' : ':::missing'}`;
}

const mermaidArrow = (arrow: Arrow): string => {
  const ranges = rangesText(arrow).replaceAll('"', '');
  return `${arrow.required ? '-->' : '-.->'}${ranges ? `|"${ranges}"|` : ''}`;
};
