/** What the demo shows of instances: one that dies and is replaced, and a service that gets more of them. */
import * as z from 'zod';
import { request } from './client.ts';
import { fitted } from './wrapped.ts';

const Listed = z.object({
  instances: z.array(
    z.object({ id: z.string(), url: z.string(), state: z.string().optional(), health: z.string() }),
  ),
});
type Instance = z.infer<typeof Listed>['instances'][number];

const Shown = z.object({
  lifecycle: z.object({
    /** None while it is started. */
    ref: z.string().optional(),
    history: z.array(z.object({ at: z.string(), state: z.string(), reason: z.string() })),
  }),
});

const Asked = z.object({ change: z.object({ changeId: z.string() }) });
const Change = z.object({ status: z.string(), why: z.string().optional() });

const boundMs = 60_000;
const lookMs = 50;

async function instancesOf(api: string, service: string): Promise<Instance[]> {
  return Listed.parse(await request(`${api}/v1/services/${service}/instances`)).instances;
}

/** What `look` gives as soon as it is something. Throws when that does not happen within a minute. */
async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + boundMs; Date.now() < end; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  throw new Error(`${what} did not happen within ${boundMs / 1000} s`);
}

const healthy = ({ health, state }: Instance): boolean => health === 'HEALTHY' && state === 'RUNNING';

const firstHealthy = (api: string, service: string): Promise<Instance> =>
  until(`a healthy instance of ${service}`, async () => (await instancesOf(api, service)).find(healthy));

export const urlOf = async (api: string, service: string): Promise<string> =>
  (await firstHealthy(api, service)).url.replace(/\/$/, '');

/** Ends the process behind an instance by force, and shows what becomes of it. */
export async function playDeath(api: string, service: string): Promise<void> {
  const { id } = await firstHealthy(api, service);
  console.log(`\nThe process of ${id} is killed: it is started again`);
  const { history: before, ref: pid } = await lifecycleOf(api, service, id);
  const killedAt = Date.now();
  process.kill(Number(pid), 'SIGKILL');
  const history = await until(`the replacement of ${id}`, async () => {
    const { history: now } = await lifecycleOf(api, service, id);
    return now.length > before.length && now.at(-1)?.state === 'RUNNING' ? now : undefined;
  });
  for (const { at, state, reason } of history.slice(before.length))
    console.log(
      fitted(
        `  ${String(Date.parse(at) - killedAt).padStart(6)} ms  ${state.padEnd(10)}${withoutLastLines(reason)}`,
      ),
    );
}

/** What it printed last is for who looks for a fault. */
const withoutLastLines = (reason: string): string => reason.split('; it said last:', 1).join('');

const lifecycleOf = async (api: string, service: string, id: string) =>
  Shown.parse(await request(`${api}/v1/services/${service}/instances/${id}`)).lifecycle;

export async function playScaleUp(
  api: string,
  { service, instances }: { readonly service: string; readonly instances: number },
): Promise<void> {
  console.log(`\nscale_service: ${service} gets ${instances} instances`);
  const startedAt = Date.now();
  const { change } = Asked.parse(
    await request(`${api}/tools/scale_service`, {
      method: 'POST',
      body: JSON.stringify({ service, instances, reason: 'the demo shows it' }),
    }),
  );
  const { status, why } = await until(`the change ${change.changeId}`, async () => {
    const seen = Change.parse(await request(`${api}/v1/changes/${change.changeId}`));
    return ['WAITING', 'RUNNING'].includes(seen.status) ? undefined : seen;
  });
  console.log(`  ${String(Date.now() - startedAt).padStart(6)} ms  ${status}${why ? `: ${why}` : ''}`);
  for (const { id, url, health } of await instancesOf(api, service))
    console.log(`  ${id}  ${health}  ${url}`);
}
