/** The functions of a stage may read the credentials of services that its settings name, and no others. */
import type { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, expect, it } from 'vitest';
import { type Synthesized, synthesize } from './synthesized.ts';
import { TemplateReader } from './template-reader.ts';

const credentials = [
  'secret://mail/*@mail.example.com',
  'secret://graph@graph.example.com',
  'ssm:///orchestrator/shop@*.shop.example.com',
];

let system: Synthesized;
let without: Synthesized;
beforeAll(async () => {
  system = await synthesize({ settings: { credentials } });
  without = await synthesize();
}, 120_000);

const reading = /^(?:secretsmanager|ssm):/;

/** What a function may read, as the ends of ARNs. */
const readBy = (part: Template, name: string): string[] =>
  new TemplateReader(part)
    .allowedTo(name)
    .filter(({ Action }) => Action.some((action) => reading.test(String(action))))
    .flatMap(({ Resource }) => [Resource].flat())
    .map((resource) => /:((?:secret|parameter)[:/][^"\]]*)"/.exec(JSON.stringify(resource))?.[1] ?? '')
    .sort();

const all = ['parameter/orchestrator/shop', 'secret:graph-??????', 'secret:mail/*'];

it.each([
  ['workflows', 'run-step'],
  ['workflows', 'undo'],
  ['workflows', 'lifecycle'],
  ['workflows', 'check-health'],
  ['workflows', 'refresh-services'],
  ['api', 'api'],
] as const)('of %s, %s may read those of the stage', (part, name) => {
  expect(readBy(system[part], name)).toEqual(all);
  expect(readBy(without[part], name)).toEqual([]);
});

it('what calls no service may read none', () => {
  for (const name of ['deliver-events', 'record-execution', 'sweep'])
    expect(readBy(system.workflows, name)).toEqual([]);
});
