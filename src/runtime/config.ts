/**
 * The configuration of each function, read from its environment in one place. A wrong environment gives every
 * fault at once; nothing has a hopeful default but what is documented as optional.
 */
import * as z from 'zod';
import { faultsOf } from '../domain/faults.ts';
import { Name } from '../domain/services.ts';

const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
const List = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

const logging = {
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  LOG_OUTPUT: z
    .string()
    .regex(/^(console|file:.+)$/, 'must be console or file:PATH')
    .default('console'),
};

/** Where AWS answers; local mode and emulators name their endpoints. */
const endpoints = {
  DYNAMODB_ENDPOINT: optional(z.url()),
  STEP_FUNCTIONS_ENDPOINT: optional(z.url()),
};

const Shared = z.object({
  ...logging,
  ...endpoints,
  STAGE: z.string().regex(/^[a-z][a-z0-9]{0,19}$/),
  REGISTRY_TABLE: z.string().min(1),
  EXECUTIONS_TABLE: z.string().min(1),
  RETENTION_DAYS: z.coerce.number().int().min(1).max(3650),
  UNDO_MACHINE_ARN: z.string().startsWith('arn:'),
});
export type SharedConfig = z.infer<typeof Shared>;

export const ApiConfig = Shared.extend({
  DEFAULT_WORKFLOW: optional(Name),
  MACHINE_PREFIX: z.string().min(1),
  MACHINE_ROLE_ARN: z.string().startsWith('arn:'),
  RUN_STEP_FUNCTION: z.string().min(1),
  /** Host names that requests may be sent to; empty where a gateway in front decides. */
  ALLOWED_HOSTS: optional(List),
});
export type ApiConfig = z.infer<typeof ApiConfig>;

export const CallingConfig = Shared.extend({ EGRESS_ALLOWED_NETWORKS: List.default([]) });
export type CallingConfig = z.infer<typeof CallingConfig>;

export const RecordingConfig = Shared;
export type RecordingConfig = SharedConfig;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws one error that names every variable that is missing or wrong. */
export function readConfig<T>(shape: z.ZodType<T>, env: Environment): T {
  const parsed = shape.safeParse(env);
  if (parsed.success) return parsed.data;
  const faults = faultsOf(parsed.error).map(({ path, message }) => `${path}: ${message}`);
  throw new Error(`The environment is not valid: ${faults.join('; ')}`);
}
