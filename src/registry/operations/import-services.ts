/** Registers MCP servers that a registry, a `server.json` or the caller describes; a dry run unless it is told otherwise. */
import * as z from 'zod';
import { errorCatalogue, outgoingCodes } from '../../base/errors.ts';
import { defineOperation } from '../../operation/operation.ts';
import {
  importServices as carryOut,
  type ImportedEntry,
  readSource,
  type Source,
} from '../mcp-registry/import-services.ts';
import { mostImported } from '../mcp-registry/model/import-bounds.ts';
import { refusePackages } from '../services/check-driver.ts';
import { ServiceUrl } from '../services/model/service-terms.ts';
import type { RegistryOperationContext } from './context.ts';

const ServerObject = z.record(z.string(), z.unknown());

const ImportInput = z
  .strictObject({
    url: ServiceUrl.optional().describe(
      'A registry that speaks the MCP Registry API v0.1 (/v0.1/servers is added to a base url), or a server.json',
    ),
    server: ServerObject.optional().describe('A server.json'),
    servers: z
      .array(ServerObject)
      .min(1)
      .max(mostImported)
      .optional()
      .describe('Several, each a server.json, or {server, _meta} as registries list it'),
    prefix: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be a lower-case letter, then up to 30 of a-z, 0-9 and -')
      .optional()
      .describe('Stands before the name of every service, such as acme-'),
    versions: z
      .enum(['latest', 'all'])
      .default('latest')
      .describe('The latest version of each server, or all versions that are listed'),
    packages: z
      .boolean()
      .default(false)
      .describe(
        'Whether servers that are only packaged (npm, pypi, oci) become services that are started here: for an administrator, where ALLOW_LOCAL_DRIVERS is on',
      ),
    values: z
      .record(z.string().max(256), z.string().max(4096))
      .optional()
      .describe('Values of the arguments and environment variables that packages ask for, by name'),
    dryRun: z.boolean().default(true).describe('Only say what would be done'),
  })
  .check(({ value, issues }) => {
    const given = [value.url, value.server, value.servers].filter((source) => source !== undefined);
    if (given.length === 1) return;
    issues.push({
      code: 'custom',
      input: value,
      path: given.length === 0 ? ['url'] : [],
      message: 'name one of url, server and servers',
    });
  });
type ImportInput = z.infer<typeof ImportInput>;

const actions = ['register', 'change', 'unchanged', 'skip', 'conflict', 'failed'] as const;

const Entry = z.object({
  server: z.string().describe('As its registry calls it'),
  version: z.string().optional(),
  action: z
    .enum(actions)
    .describe(
      'What was done, or would be. skip: it can be no service here; conflict: its name belongs to something else',
    ),
  service: z
    .object({
      name: z.string(),
      version: z.string(),
      url: z.string().optional(),
      driver: z.string().optional().describe('What starts it here'),
    })
    .optional(),
  reason: z.string().optional().describe('Why it is skipped, in conflict or failed'),
  code: z.enum(Object.keys(errorCatalogue)).optional(),
  endpoint: z
    .object({
      answers: z.boolean(),
      found: z.string().describe('How many tools it has, or what is wrong'),
    })
    .optional()
    .describe('What came of trying its url, also in a dry run; of many entries only the first are tried'),
  warnings: z.array(z.string()).optional(),
});

const Counts = z.object(Object.fromEntries(actions.map((action) => [action, z.number().int()])));

export const importServices = defineOperation({
  id: 'import_services',
  summary:
    'Register MCP servers from an MCP registry, a server.json or the body; a dry run says first what would be done',
  input: ImportInput,
  output: z.object({
    dryRun: z.boolean(),
    source: z.string().describe('The url that was read, without its query, or body'),
    counts: Counts,
    entries: z.array(Entry),
    incomplete: z.string().optional().describe('Why there may be more than these entries'),
  }),
  errors: [...outgoingCodes, 'driver.not-available'],
  access: 'operator',
  http: { method: 'POST', path: '/v1/imports', status: 200 },
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  async run(context: RegistryOperationContext, input, caller) {
    if (input.packages) refusePackages(context.driverRules, caller);
    const { entries: servers, origin, cutShort } = await sourceOf(context, input);
    const { dryRun, prefix, versions } = input;
    const values = input.packages ? (input.values ?? {}) : undefined;
    const entries = await carryOut(context, { entries: servers, origin, prefix, versions, values, dryRun });
    return {
      dryRun,
      source: origin,
      counts: countsOf(entries),
      entries: entries.map(({ warnings, ...entry }) => ({
        ...entry,
        ...(warnings && { warnings: [...warnings] }),
      })),
      ...(cutShort !== undefined && { incomplete: cutShort }),
    };
  },
});

async function sourceOf(
  { egress }: Pick<RegistryOperationContext, 'egress'>,
  { url, server, servers, versions }: ImportInput,
): Promise<Source> {
  if (url === undefined)
    return { entries: servers ?? (server ? [server] : []), origin: 'body', cutShort: undefined };
  return readSource(egress, { url, versions });
}

const countsOf = (entries: readonly ImportedEntry[]): z.infer<typeof Counts> =>
  Object.fromEntries(
    actions.map((action) => [action, entries.filter((entry) => entry.action === action).length]),
  );
