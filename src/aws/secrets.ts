/**
 * Reads secrets from AWS Secrets Manager (GetSecretValue, AWS JSON 1.1). One signed POST instead of the SDK's client,
 * which would be seven times what else the authorizer loads at its cold start.
 */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod/mini';

export interface SecretsConfig {
  readonly region: string;
  /** Another place than AWS, such as an emulator's. */
  readonly endpoint?: string | undefined;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
}

/** The text of a secret. Throws when it cannot be read within five seconds, without naming anything of it. */
export type ReadSecret = (id: string) => Promise<string>;

const timeoutMs = 5_000;
const tries = 2;
const Answer = z.object({ SecretString: z.string().check(z.minLength(1)) });

export function createSecretReader({ region, endpoint, credentials }: SecretsConfig): ReadSecret {
  const url = new URL(endpoint ?? `https://secretsmanager.${region}.amazonaws.com`);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    service: 'secretsmanager',
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    sha256: Sha256,
  });
  const read = async (id: string): Promise<string> => {
    const body = JSON.stringify({ SecretId: id });
    const { headers } = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: '/',
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      },
      body,
    });
    return secretIn(await post(url, headers, body));
  };
  return async (id) => {
    for (let turn = 1; ; turn++) {
      try {
        return await read(id);
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

async function post(url: URL, headers: Record<string, string>, body: string): Promise<string> {
  // Only the one that is needed is loaded; a bundle gives it by its default alone.
  const { default: http } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      { method: 'POST', headers, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('error', reject);
        response.on('end', () =>
          response.statusCode === 200
            ? resolve(text)
            : reject(new Error(`Secrets Manager answered ${response.statusCode}`)),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Node's SHA-256 in the shape that the signer takes. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
