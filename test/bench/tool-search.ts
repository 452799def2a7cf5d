/** How long a search among 10,000 tools takes, and making the index that it looks into. */
import { performance } from 'node:perf_hooks';
import { compactTools, countTokens } from '../../src/registry/tools/model/compact-tools.ts';
import { createToolIndex, type IndexedTool } from '../../src/registry/tools/model/tool-index.ts';
import { printTable } from './table.ts';

const verbs = ['get', 'list', 'create', 'update', 'delete', 'search', 'send', 'archive', 'move', 'export'];
const things = ['email', 'calendar_event', 'pull_request', 'invoice', 'customer', 'node', 'ticket', 'order'];
const services = 1_000;
const toolsEach = 10;
const queries = [
  'email',
  'create invoice',
  'serch',
  'customer of the account',
  'get',
  'service-77',
  'zzzz',
  '',
];
const rounds = 25;

function manyTools(): IndexedTool[] {
  return Array.from({ length: services * toolsEach }, (_none, at) => {
    const thing = things[Math.floor(at / toolsEach) % things.length] ?? '';
    const verb = verbs[at % toolsEach] ?? '';
    const service = `service-${Math.floor(at / toolsEach)}`;
    const description = `Use this to ${verb} a ${thing} of the account number ${at} that is connected`;
    return { service, version: '1.0.0', name: `${verb}_${thing}`, description };
  });
}

export function printToolSearch(): void {
  const tools = manyTools();
  const began = performance.now();
  const index = createToolIndex(tools);
  const making = performance.now() - began;
  const times = queries.flatMap((words) =>
    Array.from({ length: rounds }, () => {
      const start = performance.now();
      compactTools(index.search({ words, among: () => true }).slice(0, 100));
      return performance.now() - start;
    }),
  );
  times.sort((a, b) => a - b);
  const answer = compactTools(index.search({ words: 'account', among: () => true }).slice(0, 100));
  printTable(
    `search_tools among ${tools.length} tools, in memory`,
    ['', 'measured', 'aim'],
    [
      ['median, ms', times[Math.floor(times.length / 2)], undefined],
      ['p99, ms', times[Math.floor(times.length * 0.99)], 50],
      ['making the index, ms', making, undefined],
      ['tokens of an answer of 100 tools', countTokens(JSON.stringify({ tools: answer })), 1_600],
    ],
  );
}
