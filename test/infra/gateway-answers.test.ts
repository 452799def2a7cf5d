import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { synthesize } from './synthesized.ts';
import { TemplateReader } from './template-reader.ts';

let read: TemplateReader;
beforeAll(async () => {
  read = new TemplateReader((await synthesize()).api);
}, 60_000);

const Answer = z.strictObject({
  ResponseType: z.string(),
  StatusCode: z.string(),
  ResponseParameters: z.record(z.string(), z.string()),
  ResponseTemplates: z.strictObject({ 'application/json': z.string() }),
  RestApiId: z.object({ Ref: z.literal('ApiRest4DEC74FE') }),
});

/** What the gateway answers of this type, with the body as a client parses it. */
function answered(type: string) {
  const answers = read
    .resources('AWS::ApiGateway::GatewayResponse')
    .map(([, properties]) => Answer.parse(properties));
  const found = answers.find(({ ResponseType }) => ResponseType === type);
  if (found === undefined) throw new Error(`there is no answer of type ${type}`);
  const headers = Object.entries(found.ResponseParameters).map(([name, value]) => [
    name.replace(/^gatewayresponse\.header\./, ''),
    value,
  ]);
  return {
    status: found.StatusCode,
    headers: Object.fromEntries(headers),
    body: JSON.parse(found.ResponseTemplates['application/json']),
  };
}

describe('what the gateway answers by itself', () => {
  it('to a caller who proves nobody is 401, and says how to prove it', () => {
    expect(answered('UNAUTHORIZED')).toEqual({
      status: '401',
      headers: {
        'Content-Type': "'application/problem+json'",
        'WWW-Authenticate': `'Bearer realm="orchestrator"'`,
      },
      body: {
        type: 'urn:orchestrator:error:access.unauthenticated',
        code: 'access.unauthenticated',
        title: 'The request proves nobody',
        status: 401,
        detail: 'Send Authorization: Bearer with a valid key',
      },
    });
  });

  it('to a caller who is too fast is 429, and says when to come again', () => {
    expect(answered('THROTTLED')).toMatchObject({
      status: '429',
      headers: { 'Retry-After': "'1'" },
      body: { code: 'request.throttled', status: 429 },
    });
  });

  it.each([
    ['ACCESS_DENIED', '403', 'access.denied'],
    ['MISSING_AUTHENTICATION_TOKEN', '404', 'route.not-found'],
    ['REQUEST_TOO_LARGE', '413', 'request.too-large'],
    ['INTEGRATION_TIMEOUT', '500', 'internal.error'],
    ['INTEGRATION_FAILURE', '500', 'internal.error'],
    ['DEFAULT_5XX', '500', 'internal.error'],
  ])('on %s is %s, a problem with the code %s', (type, status, code) => {
    const answer = answered(type);
    expect(answer).toEqual({
      status,
      headers: { 'Content-Type': "'application/problem+json'" },
      body: {
        type: `urn:orchestrator:error:${code}`,
        code,
        title: expect.stringMatching(/^[A-Z]/),
        status: Number(status),
        detail: expect.stringMatching(/^[A-Z]/),
      },
    });
  });

  it('holds nothing that the gateway would take for a variable of its template language', () => {
    for (const [, properties] of read.resources('AWS::ApiGateway::GatewayResponse'))
      expect(Answer.parse(properties).ResponseTemplates['application/json']).not.toMatch(/[$#]/);
  });
});
