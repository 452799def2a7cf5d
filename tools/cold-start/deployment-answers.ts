/** First answers of the functions that a deployment brings besides those of its executions. */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { FirstAnswer } from './first-answers.ts';
import type { Stage } from './stage.ts';

export const allowedRequest: FirstAnswer = {
  name: 'a request with the right key',
  eventOn: async ({ adminKey }) => ({
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:us-east-1:000000000000:api/local/GET/v1/services',
    headers: { Authorization: `Bearer ${adminKey}` },
  }),
  answer: z.object({
    principalId: z.literal('admin'),
    policyDocument: z.object({ Statement: z.tuple([z.object({ Effect: z.literal('Allow') })]) }),
  }),
};

/** The record is read and its use is noted, as by the first request of a key in an hour. */
export const allowedApiKey: FirstAnswer = {
  name: 'a request with an API key',
  async eventOn({ operate }) {
    const { key } = await operate('create_api_key', { name: 'cold start', role: 'viewer' });
    return {
      type: 'REQUEST',
      methodArn: 'arn:aws:execute-api:us-east-1:000000000000:api/local/GET/v1/services',
      headers: { Authorization: `Bearer ${key}` },
    };
  },
  answer: z.object({
    principalId: z.string().startsWith('key:'),
    context: z.object({ role: z.literal('viewer') }),
  }),
};

/** The keys of the issuer are read first, as by the first token that a container sees. */
export const allowedToken: FirstAnswer = {
  name: 'a request with a JWT',
  eventOn: async ({ token }) => ({
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:us-east-1:000000000000:api/local/GET/v1/services',
    headers: { Authorization: `Bearer ${token}` },
  }),
  answer: z.object({ principalId: z.literal('id:ann'), context: z.object({ role: z.literal('viewer') }) }),
};

const customResource = (
  { cloudFormation }: Stage,
  RequestType: 'Create' | 'Delete',
  ResourceProperties: object,
) => ({
  RequestType,
  ResourceProperties,
  ResponseURL: cloudFormation,
  StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/cold-start/0',
  RequestId: randomUUID(),
  LogicalResourceId: 'Resource',
});

/** CloudFormation of the stage takes no failure, so a function that answers nothing has told it of success. */
const told = z.null();

export const smokeCheckDeleted: FirstAnswer = {
  name: 'the custom resource is deleted',
  eventOn: async (stage) => customResource(stage, 'Delete', {}),
  answer: told,
};

/** Each time with other names, so that both are new. */
export const manifestCreated: FirstAnswer = {
  name: 'a service and a workflow are created',
  async eventOn(stage) {
    const name = `cold-start-${randomUUID().slice(0, 8)}`;
    const call = { service: name, request: { method: 'POST', path: '/take', body: {} } };
    const service = { name, transport: 'rest', url: 'http://127.0.0.1:9/' };
    return customResource(stage, 'Create', {
      Manifest: JSON.stringify({
        services: [service],
        workflows: [{ name, steps: [{ id: 'take', call }] }],
      }),
      Machines: { [name]: `arn:aws:states:us-east-1:000000000000:stateMachine:orch-local-m_${name}-0` },
    });
  },
  answer: told,
};

const none = z.tuple([]);

export const machinesChecked: FirstAnswer = {
  name: 'nothing is to do',
  eventOn: async () => ({ 'detail-type': 'Scheduled Event', detail: {} }),
  answer: z.object({ restored: none, repaired: none, removed: none, orphans: none, broken: none }),
};
