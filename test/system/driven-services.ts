/** Services that the process driver starts for tests, and what their instances are like. */
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { ServiceRegistration } from '../../src/registry/services/model/service-registration.ts';
import type { Door } from './clients.ts';

export const drivenProgram = fileURLToPath(new URL('./driven-program.mjs', import.meta.url));

export interface DrivenService {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly requires?: readonly string[];
  readonly version?: string;
  /** Where each instance listens; ports of their own when left out. */
  readonly port?: number;
  /** What else the registration says. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** A REST service on ports of its own, with a health check that is made often. */
export const drivenService = ({
  name,
  env = {},
  requires = [],
  version = '1.0.0',
  port,
  more = {},
}: DrivenService) =>
  ServiceRegistration.parse({
    name,
    version,
    transport: 'rest',
    driver: {
      kind: 'process',
      settings: {
        command: [process.execPath, drivenProgram],
        env: { NAME: name, ...env },
        stopGraceSeconds: 2,
        port,
      },
    },
    healthCheck: { kind: 'http', path: '/health', intervalSeconds: 5 },
    scaling: { minInstances: 1, maxInstances: 10 },
    dependencies: requires.map((service) => ({ service })),
    ...more,
  });

const Placed = z.object({
  id: z.string(),
  version: z.string(),
  url: z.string(),
  health: z.string(),
  state: z.string().optional(),
});
export type ShownInstance = z.infer<typeof Placed>;

const Instances = z.object({ instances: z.array(Placed.partial({ url: true })) });

const Shown = z.object({
  problem: z.object({ why: z.string(), since: z.string() }).optional(),
  state: z.string(),
  health: z.string(),
  lifecycle: z.object({
    ref: z.string().optional(),
    starts: z.number(),
    exits: z.array(z.object({ how: z.string() })),
    history: z.array(z.object({ at: z.string(), state: z.string(), reason: z.string() })),
  }),
});

export const instancesThrough = async (door: Door, service: string) =>
  Instances.parse((await door('list_instances', { service })).body).instances;

/** Those that calls may go to. */
export const servingThrough = async (door: Door, service: string): Promise<ShownInstance[]> =>
  (await instancesThrough(door, service))
    .filter(({ state, health }) => state === 'RUNNING' && health === 'HEALTHY')
    .map((instance) => Placed.parse(instance));

export const instanceThrough = async (door: Door, service: string, id: string) =>
  Shown.parse((await door('get_instance', { service, id })).body);

const Change = z.object({
  changeId: z.string(),
  kind: z.string(),
  status: z.enum(['WAITING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']),
  why: z.string().optional(),
  waves: z.array(
    z.object({
      status: z.string(),
      actions: z.array(z.looseObject({ service: z.string(), action: z.string() })),
    }),
  ),
});
export type ShownChange = z.infer<typeof Change>;

const Asked = z.object({ change: Change });

export const changeIn = (body: unknown): ShownChange => Asked.parse(body).change;

export const changeThrough = async (door: Door, changeId: string): Promise<ShownChange> =>
  Change.parse((await door('get_change', { changeId })).body);

/** The change when it has ended. */
export const endOfChange = (door: Door, changeId: string): Promise<ShownChange> =>
  until(async () => {
    const change = await changeThrough(door, changeId);
    return change.status === 'WAITING' || change.status === 'RUNNING' ? undefined : change;
  });

const boundMs = 60_000;

/** What it gives as soon as that is something; it throws when that takes longer than a minute. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const end = performance.now() + boundMs; performance.now() < end; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('It did not happen within a minute');
}
