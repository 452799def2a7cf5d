/** What starts and stops the instances of a service: which kind of driver, and what that kind needs to know. */
import * as z from 'zod';
import { wholeNumber } from '../../../base/bounded-number.ts';
import { ServiceUrl } from './service-terms.ts';

const Env = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable'),
    z.string().max(4096),
  )
  .refine((env) => Object.keys(env).length <= 100, 'must be at most 100 variables')
  .default({})
  .describe('Environment variables; {port} stands for the port');

const Command = z.array(z.string().min(1).max(4096)).min(1).max(100);

const Path = z
  .string()
  .regex(/^\/[^\s?#]*$/, 'must begin with / and hold no query')
  .max(512)
  .optional()
  .describe('Below which it is called; /mcp for an MCP service, / for a REST one when left out');

const Port = wholeNumber({ from: 1, to: 65_535, example: 8080 });

const stopGraceSeconds = wholeNumber({ from: 0, to: 120, example: 10 })
  .default(10)
  .describe('Seconds between the request to end and the end by force');

export const ProcessSettings = z.strictObject({
  command: Command.describe('The program and its arguments; {port} stands for the port'),
  env: Env,
  cwd: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe('Where it runs; the folder of the orchestrator when left out'),
  protocol: z
    .enum(['stdio', 'http'])
    .optional()
    .describe(
      'How it is spoken to. When left out: stdio for an MCP service whose settings name no port, http for any other',
    ),
  port: Port.optional().describe('Where it listens; a free one, given as PORT and {port}, when left out'),
  path: Path,
  stopGraceSeconds,
});
export type ProcessSettings = z.infer<typeof ProcessSettings>;

export const ContainerSettings = z.strictObject({
  image: z.string().min(1).max(512).describe('The image, with its tag or digest'),
  command: Command.optional().describe('In place of the command of the image'),
  env: Env,
  port: Port.default(8080).describe('Where it listens inside; it is given as PORT and {port} too'),
  path: Path,
  memoryMb: wholeNumber({ from: 6, to: 1_048_576, example: 256 })
    .optional()
    .describe('Memory that it may use'),
  cpus: z.number().positive().max(256).optional().describe('Processors that it may use, such as 0.5'),
  stopGraceSeconds,
});
export type ContainerSettings = z.infer<typeof ContainerSettings>;

export const EcsSettings = z.strictObject({
  taskDefinition: z.string().min(1).max(256).describe('Family, family:revision, or the ARN'),
  container: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('The container that env is for; the only one when left out'),
  env: Env,
  port: Port.default(8080).describe('Where it listens'),
  path: Path,
});
export type EcsSettings = z.infer<typeof EcsSettings>;

export const LambdaSettings = z.strictObject({
  functionName: z.string().min(1).max(170).describe('Name or ARN of the function'),
  alias: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be the name of an alias')
    .optional()
    .describe('The alias that instances are provisioned for; without it there are one or none'),
  url: ServiceUrl.describe('The url of the function'),
});
export type LambdaSettings = z.infer<typeof LambdaSettings>;

export const WebhookSettings = z.strictObject({
  url: ServiceUrl.optional().describe(
    'Who is asked to start and stop; SERVICE_INSTANCE_MANAGEMENT_URL when left out',
  ),
  parameters: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Sent along with each request, as it is'),
});
export type WebhookSettings = z.infer<typeof WebhookSettings>;

const kindOf = <Kind extends string, Settings extends z.ZodType>(kind: Kind, settings: Settings) =>
  z.strictObject({
    kind: z.literal(kind).describe('Which driver'),
    settings: settings.describe('What a driver of that kind needs to know'),
  });

/** One driver, on one platform. */
export const OneDriver = z
  .discriminatedUnion('kind', [
    kindOf('process', ProcessSettings),
    kindOf('container', ContainerSettings),
    kindOf('ecs', EcsSettings),
    kindOf('lambda', LambdaSettings),
    kindOf('webhook', WebhookSettings.prefault({})),
    kindOf('external', z.strictObject({}).prefault({})),
  ])
  .meta({ id: 'PlatformDriver' });
export type OneDriver = z.infer<typeof OneDriver>;
export type DriverKind = OneDriver['kind'];

/** Where the orchestrator runs: on one machine, or on AWS. */
export const platforms = ['local', 'aws'] as const;
export type Platform = (typeof platforms)[number];

const DriverOfPlatforms = z
  .strictObject({
    /** Whoever says it means one driver, and is told the faults of that one. */
    kind: z.never().optional().describe('Not there: it belongs to one driver'),
    local: OneDriver.optional().describe('The driver on one machine'),
    aws: OneDriver.optional().describe('The driver on AWS'),
  })
  .refine((drivers) => platforms.some((platform) => drivers[platform]), {
    error: 'must have a kind, or drivers by platform: local, aws',
  });

/** It is kept with every instance that it started. */
const mostCharacters = 65_536;

/** One for every platform, or one for each. */
export const Driver = z
  .union([OneDriver, DriverOfPlatforms])
  .refine((driver) => JSON.stringify(driver).length <= mostCharacters, {
    error: `must have at most ${mostCharacters} characters as JSON`,
  })
  .describe('What starts and stops its instances: one driver, or one for each of local and aws');
export type Driver = z.infer<typeof Driver>;

/** Where each kind can start instances. */
const platformsOf: Readonly<Record<DriverKind, readonly Platform[]>> = {
  process: ['local'],
  container: ['local'],
  ecs: ['aws'],
  lambda: ['aws'],
  webhook: ['local', 'aws'],
  external: [],
};

/** The driver on a platform; undefined where instances register themselves. */
export function driverOn(driver: Driver | undefined, platform: Platform): OneDriver | undefined {
  const one = driver && (driver.kind === undefined ? driver[platform] : driver);
  return one && platformsOf[one.kind].includes(platform) ? one : undefined;
}

/** Whether any platform starts and stops its instances. */
export const isDriven = (driver: Driver | undefined): boolean =>
  platforms.some((platform) => driverOn(driver, platform) !== undefined);
