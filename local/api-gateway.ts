/**
 * The API front of local mode: HTTP requests as API Gateway proxy events (REST API) into the same handler as
 * on AWS. Its authorizer lets everybody on this machine in as administrator; Host and Origin are checked by
 * the service itself.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod';

export type ProxyHandler = (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;

export interface ApiGateway {
  readonly url: string;
  close(): Promise<void>;
}

/** Lambda takes events of up to 6 MB. */
const maxBodyBytes = 6_000_000;

const Address = z.object({ port: z.number() });

export async function startApiGateway(
  handler: ProxyHandler,
  { host, port }: { host: string; port: number },
): Promise<ApiGateway> {
  const server = createServer((request, response) => {
    answer(handler, request)
      .catch(() => internalError)
      .then((result) => send(response, result));
  });
  server.requestTimeout = 60_000;
  await listen(server, { host, port });
  const bound = Address.parse(server.address()).port;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close: () => close(server) };
}

async function answer(handler: ProxyHandler, request: IncomingMessage): Promise<APIGatewayProxyResult> {
  const body = await readBody(request);
  return body === undefined ? tooLarge : handler(toEvent(request, body));
}

/** Undefined for a body that is too large; it is read to its end all the same, so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > maxBodyBytes * 4) request.destroy();
    if (bytes <= maxBodyBytes) chunks.push(part);
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks).toString();
}

function toEvent(request: IncomingMessage, body: string): APIGatewayProxyEvent {
  const [path = '/', query = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const search = new URLSearchParams(query);
  const names = [...new Set(search.keys())];
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  return {
    httpMethod: request.method ?? 'GET',
    path,
    headers,
    multiValueHeaders: {},
    queryStringParameters: Object.fromEntries(search),
    multiValueQueryStringParameters: Object.fromEntries(names.map((name) => [name, search.getAll(name)])),
    body: body === '' ? null : body,
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
  authorizer: { principalId: 'local', role: 'admin' },
  httpMethod: request.method ?? 'GET',
  identity: { ...nobody, sourceIp: request.socket.remoteAddress ?? '' },
  path,
  protocol: `HTTP/${request.httpVersion}`,
  requestId: '',
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

const problemResult = (
  status: number,
  code: string,
  title: string,
  detail: string,
): APIGatewayProxyResult => ({
  statusCode: status,
  headers: { 'content-type': 'application/problem+json' },
  body: JSON.stringify({ type: `urn:orchestrator:error:${code}`, code, title, status, detail }),
});

const tooLarge = problemResult(
  413,
  'request.too-large',
  'The request is too large',
  'The body may have at most 6 MB',
);
const internalError = problemResult(
  500,
  'internal.error',
  'Something failed inside the orchestrator',
  'See its log',
);

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
