/** What `npm run deploy:localstack` reads from its environment. */
import * as z from 'zod';
import type { Environment } from './environment.ts';

const awsHost = /(^|\.)(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws)$/;

const Settings = z.object({
  LOCALSTACK_ENDPOINT: z
    .url({ protocol: /^https?$/, abort: true, error: 'must be an http url, such as http://127.0.0.1:4566' })
    .refine((url) => !awsHost.test(new URL(url).hostname), 'is AWS itself; this deploys to LocalStack only')
    .transform((url) => new URL(url).origin)
    .default('http://127.0.0.1:4566'),
  /** How long to wait for LocalStack to answer, in seconds. */
  LOCALSTACK_WAIT_SECONDS: z.coerce.number().min(0).max(600).default(20),
});

export interface LocalStackSettings {
  readonly endpoint: string;
  readonly waitSeconds: number;
}

/** Empty means not set. Throws one line that names each variable that is wrong. */
export function readSettings(env: Environment): LocalStackSettings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Settings.safeParse(set);
  if (!parsed.success)
    throw new Error(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '),
    );
  const { LOCALSTACK_ENDPOINT, LOCALSTACK_WAIT_SECONDS } = parsed.data;
  return { endpoint: LOCALSTACK_ENDPOINT, waitSeconds: LOCALSTACK_WAIT_SECONDS };
}
