/** Where credentials of services are kept on AWS: Secrets Manager and the Parameter Store of Systems Manager. */
import * as z from 'zod';
import { createSecretReader } from '../aws/secrets.ts';
import { createSignedPost } from '../aws/signed-post.ts';
import type { CredentialSources } from '../transport/credentials/credential-values.ts';
import { readConfig } from './read-config.ts';

const Access = z.object({
  AWS_REGION: z.string().min(1),
  AWS_ACCESS_KEY_ID: z.string().min(1),
  AWS_SECRET_ACCESS_KEY: z.string().min(1),
  AWS_SESSION_TOKEN: z.string().optional(),
  AWS_ENDPOINT_URL: z.string().optional(),
});

const Parameter = z.object({ Parameter: z.object({ Value: z.string().min(1) }) });

export function createStoresOnAws(environment: object): CredentialSources {
  const access = readConfig(Access, Object.fromEntries(Object.entries(environment)));
  const config = {
    region: access.AWS_REGION,
    endpoint: access.AWS_ENDPOINT_URL,
    credentials: {
      accessKeyId: access.AWS_ACCESS_KEY_ID,
      secretAccessKey: access.AWS_SECRET_ACCESS_KEY,
      sessionToken: access.AWS_SESSION_TOKEN,
    },
  };
  const post = createSignedPost({ ...config, service: 'ssm' });
  return {
    secret: createSecretReader(config),
    async ssm(name) {
      const text = await post('AmazonSSM.GetParameter', { Name: name, WithDecryption: true });
      return Parameter.parse(JSON.parse(text)).Parameter.Value;
    },
  };
}
