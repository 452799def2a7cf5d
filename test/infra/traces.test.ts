/** Which functions tell spans, and what they may do for it. */
import { beforeAll, expect, it } from 'vitest';
import { type Synthesized, synthesize } from './synthesized.ts';
import { TemplateReader } from './template-reader.ts';

const headersSecretArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:otlp-AbCdEf';
const endpoint = 'https://otlp.example.org';

let plain: Synthesized;
let traced: Synthesized;
beforeAll(async () => {
  plain = await synthesize();
  traced = await synthesize({ settings: { traces: { endpoint, headersSecretArn, share: 0.1 } } });
}, 60_000);

const functionsOf = ({ api, workflows }: Synthesized) => {
  const [ofApi, ofWorkflows] = [new TemplateReader(api), new TemplateReader(workflows)];
  return [
    { reader: ofApi, name: 'api' },
    ...['run-step', 'undo', 'record-execution', 'sweep'].map((name) => ({ reader: ofWorkflows, name })),
  ];
};

it('those that carry out executions are told where, and may read the headers', () => {
  for (const { reader, name } of functionsOf(traced)) {
    expect(reader.function(name)['Environment']).toMatchObject({
      Variables: {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_HEADERS_SECRET_ID: headersSecretArn,
        OTEL_SERVICE_NAME: 'orchestrator-dev',
        OTEL_TRACES_SAMPLER_ARG: '0.1',
      },
    });
    expect(reader.allowedTo(name)).toContainEqual(
      expect.objectContaining({
        Action: ['secretsmanager:GetSecretValue'],
        Resource: headersSecretArn,
      }),
    );
  }
});

it('without the setting nobody tells any', () => {
  for (const { reader, name } of functionsOf(plain)) {
    expect(JSON.stringify(reader.function(name)['Environment'])).not.toContain('OTEL_');
    expect(JSON.stringify(reader.allowedTo(name))).not.toContain('GetSecretValue');
  }
});
