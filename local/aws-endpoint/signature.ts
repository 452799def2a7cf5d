/**
 * AWS signature version 4 as a service checks it (AWS: "Authenticating requests", header form): the caller has the
 * secret, and the request is the one that was signed, within a quarter of an hour.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SignedRequest {
  readonly method: string;
  /** The path, and a query behind it. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The name of the exception by which clients know it, and why. */
export interface Refusal {
  readonly type: string;
  readonly message: string;
}

/** Undefined for a request that the owner of the key sent. */
export type CheckSignature = (request: SignedRequest, nowMs: number) => Refusal | undefined;

const skewMs = 15 * 60_000;
/** What decides about the call is signed, or another call could be made of it. */
const signedAtLeast = ['host', 'x-amz-date', 'x-amz-target'];
const authorizationForm =
  /^AWS4-HMAC-SHA256 +Credential=([\w-]+)\/((\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request), *SignedHeaders=([a-z0-9;_-]+), *Signature=([0-9a-f]{64})$/;

interface Claim {
  readonly accessKeyId: string;
  /** `20261127/us-east-1/states/aws4_request`. */
  readonly scope: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: string;
  readonly signature: string;
}

/** `service` as it is signed: `states`, `dynamodb`. */
export function createSignatureCheck(key: AccessKey, service: string): CheckSignature {
  const signingKeyOf = createSigningKeys(key.secretAccessKey);
  return (request, nowMs) => {
    const { headers } = request;
    if (headers.authorization === undefined) return missing;
    const claim = claimOf(headers.authorization);
    if (claim === undefined) return incomplete('the Authorization header is not one of AWS4-HMAC-SHA256');
    if (!isSame(claim.accessKeyId, key.accessKeyId)) return unknownKey;
    const unsigned = signedAtLeast.filter((name) => !claim.signedHeaders.split(';').includes(name));
    if (unsigned.length > 0) return incomplete(`${unsigned.join(', ')} must be signed`);
    const fault = timeFault(claim, textOf(headers['x-amz-date']), nowMs);
    if (fault !== undefined) return fault;
    if (claim.service !== service)
      return invalid(`it is signed for ${claim.service}, and this is ${service}`);
    const expected = hmac(signingKeyOf(claim), stringToSign(claim, request)).toString('hex');
    return isSame(claim.signature, expected) ? undefined : invalid('the signature is another one');
  };
}

const missing: Refusal = {
  type: 'MissingAuthenticationTokenException',
  message: 'Requests are to be signed with the access key that endpoints.json of the data folder tells',
};
const unknownKey: Refusal = {
  type: 'UnrecognizedClientException',
  message: 'The access key is not the one that endpoints.json of the data folder tells',
};
const incomplete = (why: string): Refusal => ({ type: 'IncompleteSignatureException', message: why });
const invalid = (why: string): Refusal => ({
  type: 'InvalidSignatureException',
  message: `The request is not signed as it was sent: ${why}`,
});

function claimOf(authorization: string): Claim | undefined {
  const found = authorizationForm.exec(authorization);
  if (found === null) return undefined;
  const [
    ,
    accessKeyId = '',
    scope = '',
    day = '',
    region = '',
    service = '',
    signedHeaders = '',
    signature = '',
  ] = found;
  return { accessKeyId, scope, day, region, service, signedHeaders, signature };
}

function timeFault({ day }: Claim, date: string, nowMs: number): Refusal | undefined {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const at = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  if (Number.isNaN(at)) return incomplete('X-Amz-Date must be of the form 20261127T101112Z');
  if (!date.startsWith(day)) return invalid('X-Amz-Date is of another day than the credential');
  if (Math.abs(nowMs - at) > skewMs) return invalid('it was signed more than 15 minutes ago, or ahead');
  return undefined;
}

/** A key holds for a day, region and service: the last one is kept. */
function createSigningKeys(secretAccessKey: string): (claim: Claim) => Buffer {
  let kept: { scope: string; key: Buffer } | undefined;
  return ({ scope, day, region, service }) => {
    if (kept?.scope !== scope) {
      const parts = [day, region, service, 'aws4_request'];
      kept = { scope, key: parts.reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`)) };
    }
    return kept.key;
  };
}

function stringToSign(
  { scope, signedHeaders }: Claim,
  { method, url, headers, body }: SignedRequest,
): string {
  const [path = '/', query = ''] = url.split('?');
  const lines = signedHeaders.split(';').map((name) => `${name}:${canonical(headers[name])}\n`);
  const request = [method, path, query, lines.join(''), signedHeaders, sha256(body)].join('\n');
  return ['AWS4-HMAC-SHA256', textOf(headers['x-amz-date']), scope, sha256(request)].join('\n');
}

const textOf = (header: string | string[] | undefined): string =>
  Array.isArray(header) ? header.join(',') : (header ?? '');

const canonical = (header: string | string[] | undefined): string =>
  textOf(header).trim().replace(/ +/g, ' ');

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

/** In the same time wherever they differ. */
function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
