/** The same operations through both doors, so that one suite holds for REST and for MCP. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as z from 'zod';
import type { Endpoints } from '../../local/system.ts';
import { StepView } from '../../src/executions/model/shown-step.ts';

export interface Answer {
  /** The stable code of an error; undefined for a success. */
  readonly code: string | undefined;
  readonly body: Record<string, unknown>;
}

/** One operation by its id, whatever the door. */
export type Door = (operation: string, input?: Record<string, unknown>) => Promise<Answer>;

/** Where the doors are, and the key to them where there is one. */
export interface Doorway extends Pick<Endpoints, 'api' | 'mcp'> {
  readonly adminKey?: string | undefined;
}

const keyOf = ({ adminKey }: Pick<Doorway, 'adminKey'>): Record<string, string> =>
  adminKey === undefined ? {} : { authorization: `Bearer ${adminKey}` };

const Json = z.record(z.string(), z.unknown());
const Coded = z.looseObject({ code: z.string() });

export interface RestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export async function rest(
  { api }: Pick<Endpoints, 'api'>,
  [method, path]: readonly [string, string],
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<RestAnswer> {
  const response = await fetch(`${api}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : Json.parse(JSON.parse(text)),
  };
}

export const restDoor =
  (doorway: Doorway): Door =>
  async (operation, input = {}) => {
    const asked = { body: input, headers: keyOf(doorway) };
    const { status, body } = await rest(doorway, ['POST', `/tools/${operation}`], asked);
    return { code: status >= 400 ? Coded.parse(body).code : undefined, body };
  };

const ToolAnswer = z.object({
  isError: z.boolean().optional(),
  structuredContent: Json.optional(),
  _meta: z.object({ 'orchestrator/error': Coded }).optional(),
});

export const mcpDoor =
  (doorway: Doorway): Door =>
  async (operation, input = {}) => {
    const client = new Client({ name: 'test', version: '1.0.0' });
    const requestInit = { headers: keyOf(doorway) };
    await client.connect(new StreamableHTTPClientTransport(new URL(doorway.mcp), { requestInit }));
    try {
      const answer = ToolAnswer.parse(await client.callTool({ name: operation, arguments: input }));
      const error = answer.isError ? answer._meta?.['orchestrator/error'] : undefined;
      return { code: error?.code, body: error ?? answer.structuredContent ?? {} };
    } finally {
      await client.close();
    }
  };

export const doors = [
  { door: 'REST', open: restDoor },
  { door: 'MCP', open: mcpDoor },
] as const;

export const Status = z.looseObject({
  workflowId: z.string(),
  status: z.string(),
  output: z.unknown().optional(),
  error: z
    .looseObject({
      code: z.string(),
      message: z.string(),
      step: z.string().optional(),
      service: z.string().optional(),
    })
    .optional(),
  steps: z.array(StepView),
});
export type Status = z.infer<typeof Status>;

const open = ['RUNNING', 'CANCELLING', 'COMPENSATING'];

export const workflowIdOf = ({ body }: Answer): string =>
  z.object({ workflowId: z.string() }).parse(body).workflowId;

/** Asks until `wanted` holds, by default until the execution has ended; throws after 20 s. */
export async function awaitStatus(
  door: Door,
  workflowId: string,
  wanted: (status: Status) => boolean = ({ status }) => !open.includes(status),
): Promise<Status> {
  const until = Date.now() + 20_000;
  for (;;) {
    const status = Status.parse((await door('get_workflow_status', { workflowId })).body);
    if (wanted(status)) return status;
    if (Date.now() > until) throw new Error(`still ${status.status}: ${JSON.stringify(status.steps)}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** Starts a workflow and gives its last status. */
export async function runToEnd(door: Door, workflow: string, input: unknown = {}): Promise<Status> {
  return awaitStatus(door, workflowIdOf(await door('start_workflow', { workflow, input })));
}
