/**
 * The API front of local mode: HTTP requests as API Gateway proxy events (REST API) into the same handler as
 * on AWS, after the same authorizer. Host and Origin are checked by the service itself.
 */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod';
import { keyWanted } from '../src/access/model/access.ts';
import type { Challenge } from '../src/access/model/challenge.ts';
import { type ErrorCode, OrchestratorError } from '../src/base/errors.ts';
import type { Log } from '../src/base/log.ts';
import { eventToRequest, responseToResult } from '../src/runtime/proxy-event.ts';
import { withCors } from '../src/surfaces/cors.ts';
import { type HttpResponse, problem } from '../src/surfaces/http.ts';
import type { Authorize } from './authorization.ts';
import type { NotLetIn } from './door-audit.ts';
import { hasOneHost } from './loopback-host.ts';

/** The signal aborts when the caller has gone. */
export type ProxyHandler = (
  event: APIGatewayProxyEvent,
  signal: AbortSignal,
) => Promise<APIGatewayProxyResult>;

export interface ApiGateway {
  readonly url: string;
  close(): Promise<void>;
}

/** Lambda takes events of up to 6 MB. */
const maxBodyBytes = 6_000_000;

const Address = z.object({ port: z.number() });

export interface ApiGatewayOptions {
  /** Of pages that may read what is answered here before the service is asked. */
  readonly allowedOrigins?: readonly string[];
  readonly handler: ProxyHandler;
  readonly authorize: Authorize;
  /** What a caller is told that proves nobody. */
  readonly challenge: Challenge;
  /** Told of each of those. */
  readonly notLetIn?: ((refused: NotLetIn) => void) | undefined;
  readonly log: Log;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

export async function startApiGateway(options: ApiGatewayOptions): Promise<ApiGateway> {
  const { host, port } = options;
  const server = createServer((request, response) => {
    answer(options, request, goneOf(response))
      .catch((error) => readable(options, request, failed(options, request, error)))
      .then((result) => send(response, result));
  });
  server.requestTimeout = 60_000;
  await listen(server, { host, port });
  const bound = Address.parse(server.address()).port;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close: () => close(server) };
}

/** Nothing of the body is kept before the caller is known; Node reads the rest of it away after an answer. */
async function answer(
  options: ApiGatewayOptions,
  request: IncomingMessage,
  gone: AbortSignal,
): Promise<APIGatewayProxyResult> {
  const { handler, authorize } = options;
  if (!hasOneHost(request)) return readable(options, request, severalHosts);
  const event = toEvent(request);
  const { httpMethod: method, path, requestContext } = event;
  const address = requestContext.identity.sourceIp;
  const authorizer = await authorize({ method, path, headers: headersOf(request), address });
  const body = await readBody(request);
  if (body === undefined) return readable(options, request, tooLarge);
  if (!isUtf8(body)) return readable(options, request, notUtf8);
  const whole = {
    ...event,
    body: body.length === 0 ? null : body.toString(),
    requestContext: { ...requestContext, authorizer },
  };
  return handler(whole, gone);
}

/** Aborts when the connection ends before the answer has been sent. */
function goneOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Undefined for a body that is too large; it is read to its end all the same, so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > maxBodyBytes * 4) request.destroy();
    if (bytes <= maxBodyBytes) chunks.push(part);
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** Without what is not known yet: the body and the caller. */
function toEvent(request: IncomingMessage): APIGatewayProxyEvent {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const search = new URLSearchParams(query);
  const names = [...new Set(search.keys())];
  return {
    httpMethod: request.method ?? 'GET',
    path,
    headers: headersOf(request),
    multiValueHeaders: {},
    queryStringParameters: Object.fromEntries(search),
    multiValueQueryStringParameters: Object.fromEntries(names.map((name) => [name, search.getAll(name)])),
    body: null,
    isBase64Encoded: false,
    pathParameters: null,
    stageVariables: null,
    resource: '/{proxy+}',
    requestContext: requestContext(request, path),
  };
}

const requestContext = (request: IncomingMessage, path: string): APIGatewayProxyEvent['requestContext'] => ({
  accountId: '000000000000',
  apiId: 'local',
  authorizer: undefined,
  httpMethod: request.method ?? 'GET',
  identity: { ...nobody, sourceIp: request.socket.remoteAddress ?? '' },
  path,
  protocol: `HTTP/${request.httpVersion}`,
  requestId: randomUUID(),
  requestTimeEpoch: Date.now(),
  resourceId: 'local',
  resourcePath: '/{proxy+}',
  stage: 'local',
});

const nobody: Omit<APIGatewayProxyEvent['requestContext']['identity'], 'sourceIp'> = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userAgent: null,
  userArn: null,
};

const problemResponse = (code: ErrorCode, detail: string): HttpResponse =>
  problem(new OrchestratorError(code, detail));

const severalHosts = problemResponse('request.invalid', 'A request has exactly one Host header');
const tooLarge = problemResponse('request.too-large', 'The body may have at most 6 MB');
/** Read all the same, it would be another text. */
const notUtf8 = problemResponse('request.not-json', 'The body is not UTF-8, which JSON and YAML are sent in');
const internalError = problemResponse('internal.error', 'See its log');

/** An authorizer says in these words that the caller proves nobody (AWS: Lambda authorizers). */
const failed = (
  { challenge, notLetIn }: ApiGatewayOptions,
  request: IncomingMessage,
  error: unknown,
): HttpResponse => {
  if (!(error instanceof Error) || error.message !== 'Unauthorized') return internalError;
  const event = toEvent(request);
  const { httpMethod: method, path, requestContext } = event;
  notLetIn?.({ method, path, address: requestContext.identity.sourceIp });
  const headers = { 'www-authenticate': challenge(eventToRequest(event)) };
  return problem(new OrchestratorError('access.unauthenticated', keyWanted), headers);
};

/** Refused before the service is asked; what a page that may call is told too, as it is by the service itself. */
const readable = (
  { allowedOrigins = [], log }: ApiGatewayOptions,
  request: IncomingMessage,
  response: HttpResponse,
): APIGatewayProxyResult => {
  const { method = '', url = '' } = request;
  const { status, code } = response;
  log.warn('request refused', { method, path: url.split('?', 1)[0], status, code });
  return responseToResult(withCors(response, { method, headers: headersOf(request) }, allowedOrigins));
};

function send(response: ServerResponse, { statusCode, headers = {}, body }: APIGatewayProxyResult): void {
  response.writeHead(
    statusCode,
    Object.entries(headers).flatMap(([name, value]): [string, string] => [name, String(value)]),
  );
  response.end(body);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
