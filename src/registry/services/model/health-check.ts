/** How it is found out whether an instance of a service is healthy. */
import * as z from 'zod';
import { wholeNumber } from '../../../base/bounded-number.ts';
import type { Transport } from './service-terms.ts';

const timing = {
  intervalSeconds: wholeNumber({ from: 5, to: 3600, example: 30 })
    .default(30)
    .describe('Seconds between two checks'),
  timeoutSeconds: wholeNumber({ from: 1, to: 60, example: 5 })
    .default(5)
    .describe('Seconds after which a check has failed'),
  failuresBeforeUnhealthy: wholeNumber({ from: 1, to: 10, example: 3 })
    .default(3)
    .describe('Failed checks in a row'),
  successesBeforeHealthy: wholeNumber({ from: 1, to: 10, example: 2 })
    .default(2)
    .describe('Passed checks in a row'),
  graceSeconds: wholeNumber({ from: 0, to: 3600, example: 30 })
    .default(30)
    .describe('Seconds after a start in which none counts'),
};

export const HealthCheck = z
  .strictObject({
    kind: z
      .enum(['http', 'tcp', 'mcp', 'heartbeat'])
      .describe('What is asked: a path, a connection, an MCP ping, or nothing but heartbeats'),
    path: z
      .string()
      .regex(/^\/[^\s?#]*$/, 'must begin with / and hold no query')
      .max(512)
      .optional()
      .describe('Of an http check: answers with 2xx when healthy; /healthz when left out'),
    expectStatus: z
      .array(z.int().min(100).max(599))
      .min(1)
      .max(20)
      .optional()
      .describe('Of an http check: statuses of a healthy answer; any 2xx when left out'),
    bodyContains: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('Of an http check: text that the first 64 KB of a healthy answer hold'),
    ...timing,
  })
  .superRefine((check, issues) => {
    for (const path of ['expectStatus', 'bodyContains'] as const)
      if (check[path] !== undefined && check.kind !== 'http')
        issues.addIssue({ code: 'custom', path: [path], message: 'belongs to an http check only' });
  })
  .refine(({ kind, path }) => path === undefined || kind === 'http', {
    path: ['path'],
    error: 'belongs to an http check only',
  })
  .refine(({ timeoutSeconds, intervalSeconds }) => timeoutSeconds <= intervalSeconds, {
    path: ['timeoutSeconds'],
    error: 'must be at most intervalSeconds',
  });
export type HealthCheck = z.infer<typeof HealthCheck>;

/** A check that asks the instance; a heartbeat asks nobody, its lease says. */
export type AskingCheck = HealthCheck & { readonly kind: 'http' | 'tcp' | 'mcp' };

export const asks = (healthCheck: HealthCheck): healthCheck is AskingCheck =>
  healthCheck.kind !== 'heartbeat';

const checkOfTransport = {
  mcp: HealthCheck.parse({ kind: 'mcp' }),
  rest: HealthCheck.parse({ kind: 'tcp' }),
} as const satisfies Record<Transport, HealthCheck>;

/** The check of a service whose instances are started: what it says, else what shows most of its transport. */
export const healthCheckOf = ({
  transport,
  healthCheck,
}: {
  readonly transport: Transport;
  readonly healthCheck?: HealthCheck | undefined;
}): HealthCheck => healthCheck ?? checkOfTransport[transport];
