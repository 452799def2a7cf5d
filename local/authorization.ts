/** Whom the front of local mode lets in: as API Gateway does, it asks the authorizer on every route but the open ones. */
import type { APIGatewayProxyEvent } from 'aws-lambda';
import {
  type Authorizer,
  createAuthorizer,
  createLocalAuthenticator,
  type LocalAuthentication,
} from '../src/runtime/authorizer.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the request comes from. */
  readonly address?: string | undefined;
}

/** What the function is told of the caller. */
type Authorized = APIGatewayProxyEvent['requestContext']['authorizer'];

/** Throws an error with the message `Unauthorized` when the caller proves nobody. */
export type Authorize = (asked: Asked) => Promise<Authorized>;

/** Where nobody is asked for a key, everybody who reaches this machine is an administrator. */
export function createAuthorize(authentication: LocalAuthentication | undefined): Authorize {
  if (authentication === undefined) return async () => ({ principalId: 'local', role: 'admin' });
  const authorizer = createAuthorizer(createLocalAuthenticator(authentication));
  return async (asked) => (isOpen(asked) ? undefined : authorizedBy(authorizer, asked));
}

async function authorizedBy(
  authorizer: Authorizer,
  { method, path, headers, address }: Asked,
): Promise<Authorized> {
  const methodArn = `arn:aws:execute-api:us-east-1:000000000000:local/local/${method}${path}`;
  const { principalId, context } = await authorizer({
    methodArn,
    headers,
    requestContext: { identity: { sourceIp: address } },
  });
  return { ...context, principalId };
}

/** The methods without an authorizer in lib/constructs/api-gateway.ts, and HEAD for health. */
const isOpen = ({ method, path }: Asked): boolean =>
  method === 'OPTIONS' ||
  (/^\/healthz\/?$/.test(path)
    ? method === 'GET' || method === 'HEAD'
    : method === 'GET' && path.startsWith('/.well-known/'));
