/** Risk: definitions of one workflow that come at the same moment lose one another. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { type Door, restDoor } from '../system/clients.ts';
import { startTestSystem, type TestSystem } from '../system/local-system.ts';

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
