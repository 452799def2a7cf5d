/** What a dry run is given, and what it answers. Few things are loaded with this: every start has it. */
import * as z from 'zod';
import { Fault } from '../../base/errors.ts';
import { DryRun } from './dry-run-answer.ts';

/** What steps are taken to come to. */
export const Results = z
  .record(z.string().regex(/^[\w/]{1,900}$/, 'must be the id or the path of a step'), z.unknown())
  .describe(
    'Results of steps, as their services would answer, by id or by path (`each/0/fetch` before `fetch`); of others nothing is known, and nothing is made up',
  );
export const Failing = z
  .array(z.string().max(900))
  .max(1_000)
  .describe('Ids or paths of steps that are taken to fail');

export interface Assumed {
  readonly input: unknown;
  readonly results?: Readonly<Record<string, unknown>> | undefined;
  readonly failing?: readonly string[] | undefined;
}

export const DryRunRequest = z.union([
  z.boolean(),
  z.strictObject({ results: Results.optional(), failing: Failing.optional() }),
]);
export type DryRunRequest = z.infer<typeof DryRunRequest>;

const CalledService = z.object({
  service: z.string().describe('As the steps name it'),
  version: z.string().optional().describe('The one that would be called; none is registered when left out'),
  transport: z.enum(['mcp', 'rest']).optional(),
  callableInstances: z.int(),
  tools: z
    .union([z.int(), z.literal('unknown')])
    .optional()
    .describe('How many tools are known, of an mcp service'),
});
export type CalledService = z.infer<typeof CalledService>;

export const DryStart = z.object({
  workflow: z.string(),
  version: z.int(),
  dryRun: DryRun,
  services: z.array(CalledService).describe('Those that it may call'),
  warnings: z.array(Fault).describe('What would probably fail, with paths in the definition'),
});
export type DryStart = z.infer<typeof DryStart>;

const mostWarnings = 100;

export const distinct = (faults: readonly Fault[]): Fault[] =>
  [...new Map(faults.map((fault) => [`${fault.path} ${fault.message}`, fault])).values()].slice(
    0,
    mostWarnings,
  );
