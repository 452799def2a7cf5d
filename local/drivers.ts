/** The drivers of local mode. What they have started is looked after at once when it ends. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { late } from '../src/base/late.ts';
import type { Driver, Drivers } from '../src/instances/driver.ts';
import { lateDriver } from '../src/lifecycle/drivers/late-driver.ts';
import { createProcessDriver } from '../src/lifecycle/drivers/process/process-driver.ts';
import type { ScalingWebhook } from '../src/lifecycle/drivers/webhook/scaling-webhook.ts';
import { systemClock } from '../src/runtime/clock-and-ids.ts';
import { createEgress } from '../src/transport/egress.ts';

export interface LocalDriversOptions {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the Docker Engine API answers, as the tools of Docker are told it; the usual place when left out. */
  readonly dockerHost?: string | undefined;
  /** Without it nobody is asked by webhooks. */
  readonly webhooks?: LocalWebhooks | undefined;
  /** Networks that webhooks may be in. */
  readonly allowedNetworks: readonly string[];
  /** Told of the service of an instance that has ended. */
  readonly onExit: (service: string) => void;
}

export interface LocalWebhooks {
  readonly secret: string;
  /** Who is asked where a service names nobody. */
  readonly url?: string | undefined;
  /** Who is told how many instances a service is to have. */
  readonly scalingUrl?: string | undefined;
  /** Who is told of all events. */
  readonly monitoringUrl?: string | undefined;
}

/** What local mode has in place of what a stage names. */
export interface LocalDrivers {
  readonly drivers: Drivers;
  readonly scaled: ScalingWebhook | undefined;
  close(): void;
}

const usualHost =
  process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';

/** Containers of another machine could not be called at an address of this one. */
const socketOf = (dockerHost = usualHost): string | undefined =>
  /^(?:unix|npipe):\/\/(.+)$/.exec(dockerHost)?.[1];

export function createLocalDrivers(options: LocalDriversOptions): LocalDrivers {
  const { dataDir, env, onExit } = options;
  const socketPath = socketOf(options.dockerHost);
  const egress = createEgress({ policy: options });
  const all: Driver[] = [
    createProcessDriver({ dataDir, env }),
    ...(socketPath ? [containerDriver(socketPath, dataDir)] : []),
    ...(options.webhooks ? [webhookDriver(options.webhooks, egress)] : []),
  ];
  for (const driver of all) driver.onExit?.(({ service }) => onExit(service));
  return {
    drivers: new Map(all.map((driver) => [driver.kind, driver])),
    scaled: scalingNotices(options.webhooks, egress),
    close() {
      for (const driver of all) driver.close?.();
      egress.close();
    },
  };
}

/** Systems with other data use the same engine, and have nothing to do with these containers. */
const ownerOf = (dataDir: string): string =>
  createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12);

const containerDriver = (socketPath: string, dataDir: string): Driver =>
  lateDriver('container', async () => {
    const { createContainerDriver } = await import('../src/lifecycle/drivers/container/container-driver.ts');
    return createContainerDriver({ socketPath, owner: ownerOf(dataDir) });
  });

const webhookDriver = (webhooks: LocalWebhooks, egress: ReturnType<typeof createEgress>): Driver =>
  lateDriver('webhook', async () => {
    const { createWebhookDriver } = await import('../src/lifecycle/drivers/webhook/webhook-driver.ts');
    return createWebhookDriver({ ...webhooks, egress, clock: systemClock, owner: 'local' });
  });

function scalingNotices(
  { scalingUrl: url, secret }: Partial<LocalWebhooks> = {},
  egress: ReturnType<typeof createEgress>,
): ScalingWebhook | undefined {
  if (url === undefined || secret === undefined) return undefined;
  return late(async () => {
    const { createScalingWebhook } = await import('../src/lifecycle/drivers/webhook/scaling-webhook.ts');
    return createScalingWebhook({ url, secret, egress, clock: systemClock, owner: 'local' });
  });
}
