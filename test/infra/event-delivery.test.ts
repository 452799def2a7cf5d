/** What brings events to those who subscribe, and the bus that a stage may ask for. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesized, synthesize } from './synthesized.ts';
import { referredBy, TemplateReader } from './template-reader.ts';

const secretArn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:webhooks-AbCdEf';
const monitoringUrl = 'https://monitor.example.org/events';

let plain: Synthesized;
let full: Synthesized;
beforeAll(async () => {
  plain = await synthesize();
  full = await synthesize({ settings: { eventBus: true, webhooks: { secretArn, monitoringUrl } } });
}, 60_000);

const tellers = [
  'run-step',
  'undo',
  'record-execution',
  'sweep',
  'lifecycle',
  'check-health',
  'deliver-events',
];

describe('deliver-events', () => {
  it('is called by the stream of the table, for events that have been kept, those of each listener apart', () => {
    plain.data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
    });
    plain.workflows.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      FunctionName: { Ref: new TemplateReader(plain.workflows).functionId('deliver-events') },
      StartingPosition: 'LATEST',
      ParallelizationFactor: 10,
      MaximumRetryAttempts: 0,
      FilterCriteria: {
        Filters: [
          {
            Pattern: JSON.stringify({
              eventName: ['INSERT'],
              dynamodb: { Keys: { pk: { S: [{ prefix: 'EVENTS#' }] } } },
            }),
          },
        ],
      },
    });
  });

  it('may put events on the bus of the stage, and read the secret, where there are any', () => {
    const reader = new TemplateReader(full.workflows);
    const statements = reader.allowedTo('deliver-events');
    const put = statements.find(({ Action }) => Action.includes('events:PutEvents'));
    const [busId = ''] = reader.ids('AWS::Events::EventBus');
    expect(referredBy(put?.Resource)).toBe(busId);
    expect(statements.filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))).toMatchObject(
      [{ Resource: secretArn }],
    );
    const ofPlain = JSON.stringify(new TemplateReader(plain.workflows).allowedTo('deliver-events'));
    expect(ofPlain).not.toContain('PutEvents');
    expect(ofPlain).not.toContain('GetSecretValue');
  });
});

describe('the bus', () => {
  it('is there where the stage asks for one, and everybody who tells of something knows it', () => {
    full.workflows.hasResourceProperties('AWS::Events::EventBus', { Name: 'orchestrator-dev' });
    const listeners = { EVENT_BUS: 'orchestrator-dev', SERVICE_MONITORING_URL: monitoringUrl };
    const workflows = new TemplateReader(full.workflows);
    for (const name of tellers)
      expect(workflows.function(name)['Environment']).toMatchObject({ Variables: listeners });
    expect(new TemplateReader(full.api).function('api')['Environment']).toMatchObject({
      Variables: listeners,
    });
  });

  it('is not there by default, and nobody else is told', () => {
    plain.workflows.resourceCountIs('AWS::Events::EventBus', 0);
    const workflows = new TemplateReader(plain.workflows);
    for (const name of tellers) {
      const environment = JSON.stringify(workflows.function(name)['Environment']);
      expect(environment).not.toContain('EVENT_BUS');
      expect(environment).not.toContain('SERVICE_MONITORING_URL');
    }
  });
});
