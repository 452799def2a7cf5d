import { readFile } from 'node:fs/promises';
import jsonata from 'jsonata';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { validateWorkflow } from '../../../src/workflows/compiler/validate.ts';
import { WorkflowDefinition } from '../../../src/workflows/definition/definition.ts';

const ProcessDriver = z.strictObject({
  kind: z.literal('process'),
  settings: z.looseObject({ command: z.array(z.string()) }),
});

const Manifest = z.strictObject({
  services: z.record(
    z.string(),
    z.strictObject({
      version: z.string(),
      transport: z.enum(['mcp', 'rest']),
      url: z.string(),
      description: z.string(),
      driver: z.strictObject({ local: ProcessDriver }),
      scaling: z.strictObject({ minInstances: z.number(), maxInstances: z.number() }).optional(),
      healthCheck: z.strictObject({ kind: z.literal('http'), path: z.string() }).optional(),
    }),
  ),
  workflows: z.array(WorkflowDefinition),
});

const urlFrom = (name: string) => `\${${name}_SERVICE_URL:-}`;

describe('the example manifest', () => {
  let manifest: z.infer<typeof Manifest>;
  beforeAll(async () => {
    const text = await readFile(
      new URL('../../../examples/email/orchestrator.yaml', import.meta.url),
      'utf8',
    );
    manifest = Manifest.parse(parse(text));
  });

  it('names the four services, each with its program, and with a variable for the url where somebody else runs it', () => {
    const services = Object.entries(manifest.services).map(([name, { transport, url, driver }]) => [
      name,
      transport,
      url,
      driver.local.settings.command.at(-1),
    ]);
    expect(services).toEqual([
      ['gmail', 'mcp', urlFrom('GMAIL'), 'examples/email/gmail.ts'],
      ['classifier', 'mcp', urlFrom('CLASSIFIER'), 'examples/email/classifier.ts'],
      ['graph', 'mcp', urlFrom('GRAPH'), 'examples/email/graph.ts'],
      ['notify', 'rest', urlFrom('NOTIFY'), 'examples/email/notify.ts'],
    ]);
  });

  it('lets all be more than one but the graph, which is a file that its one instance holds', () => {
    const most = Object.entries(manifest.services).map(([name, { scaling }]) => [
      name,
      scaling?.maxInstances,
    ]);
    expect(most).toEqual([
      ['gmail', 4],
      ['classifier', 4],
      ['graph', undefined],
      ['notify', undefined],
    ]);
  });

  it('holds three workflows in the definition format', () => {
    expect(manifest.workflows.map(({ name }) => name)).toEqual([
      'process-email',
      'process-inbox',
      'process-and-notify',
    ]);
  });

  it('holds no workflow with a fault, its calls fitting the services', () => {
    const services = new Map(Object.entries(manifest.services));
    const validations = manifest.workflows.map((workflow) => validateWorkflow(workflow, { services }));
    expect(validations.filter(({ ok }) => !ok)).toEqual([]);
  });

  it.each([
    [[], { total: 0, stored: 0, skipped: 0, unreadable: 0, categories: {} }],
    [['spam'], { total: 1, stored: 0, skipped: 1, unreadable: 0, categories: { spam: 1 } }],
    [
      ['invoice', 'spam', 'invoice', 'alert'],
      { total: 4, stored: 3, skipped: 1, unreadable: 0, categories: { invoice: 2, spam: 1, alert: 1 } },
    ],
  ])('sums up an inbox of %j', async (categories, summary) => {
    const output = manifest.workflows.find(({ name }) => name === 'process-inbox')?.output;
    const expression = String(output).replace(/^\{%|%\}$/g, '');
    const processed = categories.map((category) => ({ classify: { category } }));
    const result = await jsonata(expression).evaluate({}, { processed });
    expect(JSON.parse(JSON.stringify(result))).toEqual(summary);
  });
});
