/** What a deployment is told, as CDK context (`-c stage=prod`). Every fault is named at once. */
import * as z from 'zod';
import { faultsOf, faultsText } from '../src/domain/faults.ts';
import { Name } from '../src/domain/services.ts';

const Deployment = z.object({
  /** Part of physical names; without hyphens, so that no stage's name begins with another's and a hyphen. */
  stage: z.string().regex(/^[a-z][a-z0-9]{0,19}$/, 'must be 1 to 20 lower case letters and digits'),
  /** Path of the manifest, from the working directory. */
  manifest: z.string().min(1),
  /** The workflow that a start without a name means. */
  defaultWorkflow: Name.optional(),
  /** How long ended executions are kept. */
  retentionDays: z.coerce.number().int().min(1).max(3650).default(90),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  /** Comma-separated CIDR blocks of special ranges that services may be in, such as a VPC. */
  egressAllowedNetworks: z.string().default(''),
});
export type Deployment = z.infer<typeof Deployment>;

export const deploymentKeys = Deployment.keyof().options;

/** Throws one error that names every value that is missing or wrong. */
export function parseDeployment(context: Readonly<Record<string, unknown>>): Deployment {
  const parsed = Deployment.safeParse(context);
  if (parsed.success) return parsed.data;
  throw new Error(`The CDK context is not valid: ${faultsText(faultsOf(parsed.error))}`);
}
