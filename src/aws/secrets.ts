/** Reads secrets from AWS Secrets Manager (GetSecretValue). */
import * as z from 'zod/mini';
import { createSignedPost, type SignedPostConfig } from './signed-post.ts';

export type SecretsConfig = Omit<SignedPostConfig, 'service'>;

/** The text of a secret. Throws when it cannot be read within five seconds, without naming anything of it. */
export type ReadSecret = (id: string) => Promise<string>;

const tries = 2;
const Answer = z.object({ SecretString: z.string().check(z.minLength(1)) });

export function createSecretReader(config: SecretsConfig): ReadSecret {
  const post = createSignedPost({ ...config, service: 'secretsmanager' });
  return async (id) => {
    for (let turn = 1; ; turn++) {
      try {
        return secretIn(await post('secretsmanager.GetSecretValue', { SecretId: id }));
      } catch (error) {
        if (turn === tries) throw new Error('The secret could not be read', { cause: error });
      }
    }
  };
}

/** What a parser says would quote the text that it could not read. */
function secretIn(text: string): string {
  try {
    return Answer.parse(JSON.parse(text)).SecretString;
  } catch {
    throw new Error('Secrets Manager answered something that is not a secret');
  }
}
