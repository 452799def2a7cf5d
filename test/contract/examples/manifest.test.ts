import { readFile } from 'node:fs/promises';
import jsonata from 'jsonata';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { validateWorkflow } from '../../../src/workflows/compiler/validate.ts';
import { WorkflowDefinition } from '../../../src/workflows/definition/definition.ts';

const Manifest = z.strictObject({
  services: z.record(
    z.string(),
    z.strictObject({
      version: z.string(),
      transport: z.enum(['mcp', 'rest']),
      url: z.string(),
      description: z.string(),
    }),
  ),
  workflows: z.array(WorkflowDefinition),
});

describe('the example manifest', () => {
  let manifest: z.infer<typeof Manifest>;
  beforeAll(async () => {
    const text = await readFile(
      new URL('../../../examples/email/orchestrator.yaml', import.meta.url),
      'utf8',
    );
    manifest = Manifest.parse(parse(text));
  });

  it('names the four services, each with a variable for its url', () => {
    const urls = Object.entries(manifest.services).map(([name, { transport, url }]) => [
      name,
      transport,
      url,
    ]);
    const urlOf = '${NAME_SERVICE_URL:-http://127.0.0.1:';
    expect(urls).toEqual(
      [
        ['gmail', 'mcp', 8001],
        ['classifier', 'mcp', 8002],
        ['graph', 'mcp', 8003],
        ['notify', 'rest', 8004],
      ].map(([name, transport, port]) => [
        name,
        transport,
        `${urlOf.replace('NAME', String(name).toUpperCase())}${port}}`,
      ]),
    );
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
