/**
 * The events of first answers, by what they ask for: each is made on the stage just before it is measured, since
 * an execution ends only once.
 */
import * as z from 'zod';
import type { Stage } from './stage.ts';

export interface FirstAnswer {
  /** What is asked for, as the table names it. */
  readonly name: string;
  readonly eventOn: (stage: Stage) => Promise<unknown>;
  /** What a right answer looks like. */
  readonly answer: z.ZodType;
}

interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: object;
}

const request = ({ method, path, body }: HttpRequest) => ({
  httpMethod: method,
  path,
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  multiValueQueryStringParameters: null,
  body: body ? JSON.stringify(body) : null,
  isBase64Encoded: false,
  requestContext: { authorizer: { principalId: 'cold-start', role: 'admin' }, identity: {} },
});

/** An answer of API Gateway's with status 200 and this text in its body. */
const http = (name: string, asked: HttpRequest, text: string): FirstAnswer => ({
  name,
  eventOn: async () => request(asked),
  answer: z.object({ statusCode: z.literal(200), body: z.string().includes(text) }),
});

const rpc = (method: string, params: object) => ({
  method: 'POST',
  path: '/mcp',
  body: { jsonrpc: '2.0', id: 1, method, params },
});

const listed = '"name":"mcp"';

export const httpAnswers = {
  listServices: http('REST list_services', { method: 'GET', path: '/v1/services' }, listed),
  mcpServers: http(
    'GET /v0.1/servers',
    { method: 'GET', path: '/v0.1/servers' },
    '"name":"local.orchestrator/mcp"',
  ),
  health: http('GET /healthz', { method: 'GET', path: '/healthz' }, '"ready":true'),
  toolsList: http('MCP tools/list', rpc('tools/list', {}), '"name":"list_services"'),
  toolsCall: http('MCP tools/call', rpc('tools/call', { name: 'list_services', arguments: {} }), listed),
};

const pause = { id: 'pause', wait: { seconds: 600 } };

export const workflowStarted: FirstAnswer = {
  name: 'REST start_workflow',
  async eventOn(stage) {
    await stage.operate('define_workflow', { name: 'cold-start', steps: [pause] });
    return request({ method: 'POST', path: '/tools/start_workflow', body: { workflow: 'cold-start' } });
  },
  answer: z.object({ statusCode: z.literal(202), body: z.string().includes('"status":"RUNNING"') }),
};

async function newExecution(stage: Stage, steps: object[]): Promise<string> {
  await stage.operate('define_workflow', { name: 'cold-start', steps });
  const started = await stage.operate('start_workflow', { workflow: 'cold-start' });
  return z.object({ workflowId: z.string() }).parse(started).workflowId;
}

const call = (name: string, called: object): FirstAnswer => ({
  name,
  eventOn: async (stage) => ({
    executionId: await newExecution(stage, [pause]),
    step: 'step',
    path: '',
    attempt: 0,
    maxAttempts: 1,
    timeoutSeconds: 10,
    call: called,
  }),
  answer: z.object({ ok: z.literal(true) }),
});

const taken = { service: 'mcp', tool: 'take', arguments: {} };

export const restCall = call('call of a REST service', {
  service: 'rest',
  request: { method: 'POST', path: '/take', body: {} },
});
export const mcpCall = call('call of an MCP tool', taken);

export const recordedEnd: FirstAnswer = {
  name: 'end of an execution',
  eventOn: async (stage) => ({
    detail: {
      name: await newExecution(stage, [pause]),
      executionArn: 'arn:aws:states:us-east-1:000000000000:execution:cold-start:cold-start',
      status: 'SUCCEEDED',
      output: '{}',
    },
  }),
  answer: z.null(),
};

export const sweepOfNothing: FirstAnswer = {
  name: 'sweep',
  eventOn: async () => ({}),
  answer: z.object({ failed: z.literal(0) }),
};

export const deliveryOfNothing: FirstAnswer = {
  name: 'deliver',
  eventOn: async () => ({}),
  answer: z.null(),
};

/** The services of the stage are checked. */
export const firstChecks: FirstAnswer = {
  name: 'check',
  eventOn: async () => ({}),
  answer: z.object({ checked: z.number() }),
};

export const lookAtNothing: FirstAnswer = {
  name: 'look at instances',
  eventOn: async () => ({}),
  answer: z.object({ services: z.literal(0) }),
};

export const refreshOfNothing: FirstAnswer = {
  name: 'refresh',
  eventOn: async () => ({}),
  answer: z.object({ failed: z.literal(0) }),
};

const undoable = { id: 'take', call: taken, compensate: { service: 'mcp', tool: 'give-back' } };

export const oneUndo: FirstAnswer = {
  name: 'undo of a step',
  async eventOn(stage) {
    const executionId = await newExecution(stage, [undoable, pause]);
    await succeeded(stage, executionId);
    await stage.beginCancelling(executionId);
    return { executionId, owner: 'cold-start' };
  },
  answer: z.object({ next: z.literal('again') }),
};

const Steps = z.object({ steps: z.array(z.object({ id: z.string(), status: z.string() })) });

/** Waits until the step that is undone has succeeded; throws after 10 s. */
async function succeeded(stage: Stage, workflowId: string): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    const { steps } = Steps.parse(await stage.operate('get_workflow_status', { workflowId }));
    if (steps.some(({ id, status }) => id === undoable.id && status === 'SUCCEEDED')) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The step to undo did not succeed within 10 s');
}
