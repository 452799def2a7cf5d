/** The part of Lambda's API that says how much of a function may run, as it is documented, over HTTP. */
import type { ServerResponse } from 'node:http';
import * as z from 'zod';
import { json, startScriptedService } from '../../system/scripted-service.ts';

const Reserved = z.object({ ReservedConcurrentExecutions: z.number() });
const Provisioned = z.object({ ProvisionedConcurrentExecutions: z.number() });

/** Of one function: `none` has no reservation. */
export interface FunctionState {
  reserved: number | 'none';
  /** By alias, as it was asked for last. */
  provisioned: Record<string, number>;
}

function refuse(response: ServerResponse, status: number, error: string, message: string): void {
  response.writeHead(status, { 'x-amzn-errortype': error, 'content-type': 'application/json' });
  response.end(JSON.stringify({ message }));
}

export async function startScriptedLambda(functions: Record<string, FunctionState>) {
  const asked: string[] = [];
  const service = await startScriptedService(({ path, body }, response, { method = '' }) => {
    const [, name = '', what = '', alias = ''] =
      /functions\/([^/]+)\/(concurrency|provisioned-concurrency)(?:\?Qualifier=(.+))?$/.exec(path) ?? [];
    const said = z.record(z.string(), z.number()).parse(body ?? {});
    asked.push([method, what, ...Object.values(said)].join(' '));
    const state = functions[name];
    if (state === undefined)
      return refuse(response, 404, 'ResourceNotFoundException', `Function not found: ${name}`);
    if (what === 'concurrency') return concurrency(state, { method, said, response });
    return provisioned(state, { method, said, response, alias });
  });
  const connection = {
    endpoint: service.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  return { connection, asked, close: service.close };
}

interface Asked {
  readonly method: string;
  readonly said: Record<string, number>;
  readonly response: ServerResponse;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function concurrency(state: FunctionState, { method, said, response }: Asked): unknown {
  if (method === 'DELETE') {
    state.reserved = 'none';
    return response.writeHead(204).end();
  }
  if (method === 'PUT') {
    const { ReservedConcurrentExecutions: reserved } = Reserved.parse(said);
    if (reserved < sum(Object.values(state.provisioned)))
      return refuse(response, 400, 'InvalidParameterValueException', 'less than what is provisioned');
    state.reserved = reserved;
  }
  return json(response, state.reserved === 'none' ? {} : { ReservedConcurrentExecutions: state.reserved });
}

function provisioned(
  state: FunctionState,
  { method, said, response, alias }: Asked & { alias: string },
): unknown {
  if (method === 'PUT') {
    const { ProvisionedConcurrentExecutions: executions } = Provisioned.parse(said);
    if (state.reserved !== 'none' && executions > state.reserved)
      return refuse(response, 400, 'InvalidParameterValueException', 'more than what is reserved');
    state.provisioned[alias] = executions;
  }
  const requested = state.provisioned[alias];
  if (requested === undefined)
    return refuse(response, 404, 'ProvisionedConcurrencyConfigNotFoundException', 'none');
  if (method === 'DELETE') {
    delete state.provisioned[alias];
    return response.writeHead(204).end();
  }
  return json(response, { RequestedProvisionedConcurrentExecutions: requested, Status: 'IN_PROGRESS' });
}
