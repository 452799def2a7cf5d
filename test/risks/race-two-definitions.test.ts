/** Risk: definitions of one workflow that come at the same moment lose one another. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import type { DefinitionContext } from '../../src/workflows/context.ts';
import { putWorkflow } from '../../src/workflows/put-workflow.ts';
import { type Door, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';
import { startRegistryRing } from './registry-ring.ts';

let system: TestSystem;
let door: Door;

beforeAll(async () => {
  system = await startTestSystem();
  door = restDoor(system.endpoints);
});

afterAll(() => system.close());

const definition = (seconds: number) => ({ name: 'raced', steps: [{ id: 'pause', wait: { seconds } }] });
const Defined = z.object({ version: z.number() });
const Stored = z.object({
  definition: z.object({ steps: z.tuple([z.object({ wait: z.object({ seconds: z.number() }) })]) }),
});

async function secondsOf(version: number): Promise<number> {
  const { body } = await door('get_workflow_definition', { name: 'raced', version });
  return Stored.parse(body).definition.steps[0].wait.seconds;
}

it('four different definitions at the same moment become versions 1 to 4, none lost', async () => {
  const answers = await Promise.all(
    [1, 2, 3, 4].map((seconds) => door('define_workflow', definition(seconds))),
  );
  expect(answers.map(({ code }) => code)).toEqual([undefined, undefined, undefined, undefined]);
  const versions = answers.map(({ body }) => Defined.parse(body).version);
  expect([...versions].sort()).toEqual([1, 2, 3, 4]);
  expect(await Promise.all(versions.map(secondsOf))).toEqual([1, 2, 3, 4]);
});

it('the same definition eight times at the same moment is one version', async () => {
  const same = { name: 'same', steps: [{ id: 'pause', wait: { seconds: 1 } }] };
  const answers = await Promise.all(Array.from({ length: 8 }, () => door('define_workflow', same)));
  expect(answers.map(({ body }) => Defined.parse(body).version)).toEqual(Array(8).fill(1));
});

const managed = { managedBy: 'api', machineFor: async () => 'arn:machine' } as const;
const pausing = (seconds: number) => ({ name: 'overtaken', steps: [{ id: 'pause', wait: { seconds } }] });

it('a version that somebody else makes the newest one, between its write and its turn, is not made a second time', async () => {
  const ring = await startRegistryRing();
  try {
    const { context } = ring;
    const { workflows } = context;
    const slow: DefinitionContext = {
      ...context,
      workflows: {
        ...workflows,
        async addVersion(version) {
          const added = await workflows.addVersion(version);
          if (version.version === 1) await putWorkflow(context, pausing(2), managed);
          return added;
        },
      },
    };
    expect(await putWorkflow(slow, pausing(1), managed)).toMatchObject({
      created: true,
      workflow: { version: 1 },
    });
    const versions = await workflows.versions('overtaken');
    expect(versions.map(({ version, definition }) => [version, definition])).toEqual([
      [1, pausing(1)],
      [2, pausing(2)],
    ]);
  } finally {
    await ring.close();
  }
}, 60_000);
