/**
 * One signed POST of the AWS JSON protocol, for the few calls of which the SDK's client would be many times what else a
 * function loads at its cold start.
 */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export interface SignedPostConfig {
  /** As in `<service>.<region>.amazonaws.com`, and in the signature. */
  readonly service: string;
  readonly region: string;
  /** Of the protocol; 1.1 when left out. */
  readonly version?: '1.0' | '1.1';
  /** Another place than AWS, such as an emulator's. */
  readonly endpoint?: string | undefined;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
  };
}

/** The text of a 200; throws otherwise, within five seconds, without the text of the answer. */
export type SignedPost = (target: string, content: object) => Promise<string>;

const timeoutMs = 5_000;

export function createSignedPost(config: SignedPostConfig): SignedPost {
  const { service, region, version = '1.1', endpoint, credentials } = config;
  const url = new URL(endpoint ?? `https://${service}.${region}.amazonaws.com`);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    sha256: Sha256,
  });
  return async (target, content) => {
    const body = JSON.stringify(content);
    const { headers } = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: '/',
      headers: {
        host: url.host,
        'content-type': `application/x-amz-json-${version}`,
        'x-amz-target': target,
      },
      body,
    });
    return post(url, headers, body);
  };
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
            : reject(new Error(`${url.hostname} answered ${response.statusCode}`)),
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
