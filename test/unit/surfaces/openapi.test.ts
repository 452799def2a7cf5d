/** The OpenAPI description as a client generator or a reader takes it. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import * as z from 'zod';

const Item = z.looseObject({
  operationId: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()),
  'x-required-role': z.string().optional(),
  responses: z.record(z.string(), z.looseObject({ description: z.string() })),
});
const OpenApi = z.looseObject({
  info: z.looseObject({ contact: z.unknown(), license: z.unknown() }),
  tags: z.array(z.object({ name: z.string(), description: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), Item)),
  components: z.looseObject({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});
const document = OpenApi.parse(JSON.parse(await readFile('docs/openapi.json', 'utf8')));
const items = Object.values(document.paths).flatMap((path) => Object.values(path));
const itemOf = (id: string) => items.find(({ operationId }) => operationId === id);

it('says who answers for it and under which licence', () => {
  expect(document.info).toMatchObject({
    contact: { name: 'Whoever runs this deployment' },
    license: { name: 'MIT' },
  });
});

it('describes every operation, under a tag that is described too', () => {
  const tags = document.tags.map(({ name }) => name);
  expect(items.filter(({ description = '' }) => description.length < 20)).toEqual([]);
  expect(items.filter((item) => !item.tags.every((tag) => tags.includes(tag)))).toEqual([]);
  expect(itemOf('list_approvals_tool')?.description).toBe(
    'List the steps that wait for a decision, with their workflows, oldest first. ' +
      'Needs the role viewer. The same as GET /v1/approvals, the MCP tool list_approvals.',
  );
});

it('says what each answer of a call of a workflow means', () => {
  const { responses = {} } = itemOf('call_workflow') ?? {};
  expect(responses['200']?.description).toBe('It has succeeded, with its output');
  expect(responses['202']?.description).toMatch(/^It has not ended within the wait, or waits for a decision/);
  expect(responses['502']?.description).toBe('workflow.failed');
});

it('says what the front answers before an operation is asked', () => {
  expect(
    items.filter(({ responses }) => !['403', '408', '429', '431'].every((status) => responses[status])),
  ).toEqual([]);
  expect(itemOf('start_workflow')?.responses['413']?.description).toBe('request.too-large');
});

it('lets no unknown field into an input, but where all other fields are the input of a workflow', () => {
  const open = Object.entries(document.components.schemas)
    .filter(([name, schema]) => /_(input|body)$/.test(name) && schema['additionalProperties'] !== false)
    .map(([name]) => name);
  expect(open).toEqual(['start_workflow_input', 'call_workflow_input']);
});

it('says that whoever changes instances is an operator, and that everything at once needs an admin', () => {
  const roleOf = (id: string) => itemOf(id)?.['x-required-role'];
  const ofOperators = [
    'start_service',
    'stop_service',
    'restart_service',
    'scale_service',
    'set_scaling_policy',
    'start_instance',
    'stop_instance',
    'restart_instance',
    'recover_instance',
    'cancel_change',
  ];
  expect(ofOperators.filter((id) => roleOf(id) !== 'operator')).toEqual([]);
  expect(['stop_all', 'resume_all'].map(roleOf)).toEqual(['admin', 'admin']);
  expect(['get_instance', 'get_change', 'list_changes'].map(roleOf)).toEqual(['viewer', 'viewer', 'viewer']);
});
