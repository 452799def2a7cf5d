/** What to do with what was deployed: where the API answers in LocalStack, and how to read the admin key. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';

/** What `cdk deploy --outputs-file` writes: the outputs of each stack. */
const Outputs = z.record(z.string(), z.record(z.string(), z.string()));
type Outputs = z.infer<typeof Outputs>;

/** As on AWS; LocalStack may put its own domain and port in place of amazonaws.com. */
const apiUrl = /^https?:\/\/([a-z0-9]+)\.execute-api\.[^/]+\/([^/]+)\/?$/;

/** Throws when the file is missing or is not what the CDK CLI writes. */
export async function readOutputs(file: string): Promise<Outputs> {
  return Outputs.parse(JSON.parse(await readFile(file, 'utf8')));
}

export function describeDeployed(outputs: Outputs, endpoint: string): string {
  const all = Object.values(outputs).flatMap((ofStack) => Object.entries(ofStack));
  const api = all.map(([, value]) => apiUrl.exec(value)).find((match) => match !== null);
  const secret = all.find(([name]) => /AdminKey/i.test(name))?.[1];
  return [
    'Deployed to LocalStack.',
    api
      ? urls(api[1] ?? '', api[2] ?? '', endpoint)
      : `No API url among the outputs: aws --endpoint-url ${endpoint} apigateway get-rest-apis`,
    ...(secret ? [adminKey(secret, endpoint)] : []),
  ].join('\n');
}

/** The host name resolves to 127.0.0.1 by public DNS; the other url does without DNS. */
function urls(id: string, stage: string, endpoint: string): string {
  const { protocol, port } = new URL(endpoint);
  const host = `${id}.execute-api.localhost.localstack.cloud${port && `:${port}`}`;
  return `  API             ${protocol}//${host}/${stage}
  without DNS     ${endpoint}/_aws/execute-api/${id}/${stage}
  try             curl -s ${endpoint}/_aws/execute-api/${id}/${stage}/healthz`;
}

const adminKey = (secret: string, endpoint: string): string =>
  `  admin key       aws --endpoint-url ${endpoint} secretsmanager get-secret-value --secret-id ${secret} \\
                    --query SecretString --output text   (or: lstk aws secretsmanager …)`;
