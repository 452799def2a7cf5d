/** Calls a service at once, in the way in which a step of a workflow does. */
import * as z from 'zod';
import type { Answered } from '../clients/service-caller.ts';
import { Fault, OrchestratorError, outgoingCodes, toOrchestratorError } from '../domain/errors.ts';
import { ServiceReference } from '../domain/service-reference.ts';
import { boundedWarnings } from '../domain/warnings.ts';
import { EvaluatedCall } from '../domain/workflows/step-task.ts';
import { callService as callOnce } from '../executions/call-service.ts';
import type { Target } from '../registry/target.ts';
import type { OperationContext } from './context.ts';
import { defineOperation } from './operation.ts';

const mostAttempts = 3;

const Input = z
  .strictObject({
    service: ServiceReference.describe('A name, perhaps with a range: gmail, or gmail@^1.2'),
    tool: z.string().min(1).max(128).optional().describe('A tool of an MCP service'),
    arguments: z.record(z.string(), z.unknown()).optional().describe('The arguments of the tool'),
    request: z
      .strictObject({
        method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
        path: z.string().max(8192).startsWith('/').describe('Below the url of the service'),
        query: z.record(z.string(), z.unknown()).optional(),
        headers: z.record(z.string(), z.unknown()).optional(),
        body: z.unknown().optional(),
      })
      .optional()
      .describe('A request to a REST service'),
    timeoutSeconds: z.int().min(1).max(25).default(20).describe('For the whole call, with every attempt'),
    idempotent: z
      .boolean()
      .default(false)
      .describe(
        'Whether it may be repeated after a transient failure; a GET, and a tool that its service calls read-only or idempotent, always may',
      ),
    idempotencyKey: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('Sent to the service; a new one for each call when left out'),
  })
  .refine(({ tool, request }) => (tool === undefined) !== (request === undefined), {
    path: ['tool'],
    error: 'is required, or a request; not both',
  })
  .refine(({ tool, arguments: values }) => values === undefined || tool !== undefined, {
    path: ['arguments'],
    error: 'belong to a tool',
  });
type Input = z.infer<typeof Input>;

export const callService = defineOperation({
  id: 'call_service',
  summary: 'Call a tool of an MCP service or a path of a REST service, on one of its healthy instances',
  input: Input,
  output: z.object({
    service: z.string(),
    version: z.string(),
    instance: z.string().describe('The one that answered'),
    result: z.unknown(),
    warnings: z.array(Fault).describe('What the answer was taken in spite of, with paths in the result'),
    attempts: z.number().int(),
    durationMs: z.number().int(),
  }),
  errors: [
    'workflow.invalid',
    'service.not-found',
    'service.unavailable',
    ...outgoingCodes,
    'service.tool-not-found',
    'service.arguments-invalid',
    'service.tool-failed',
    'service.result-too-large',
  ],
  access: 'operator',
  http: { method: 'POST', path: '/v1/service-calls', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: false },
  async run(context, input) {
    const startedAt = context.clock.now();
    const { target, answered, attempts } = await attempt(
      context,
      input,
      startedAt + input.timeoutSeconds * 1000,
    );
    const { service, version, instance } = target;
    const durationMs = context.clock.now() - startedAt;
    context.log.info('service call', { target: service, instance, attempts, durationMs });
    const warnings = boundedWarnings(answered.warnings);
    return { service, version, instance, result: answered.value, warnings, attempts, durationMs };
  },
});

interface Attempted {
  readonly target: Target;
  readonly answered: Answered;
  readonly attempts: number;
}

/** Tries an idempotent call again on another instance, as long as there is time; what is transient alone. */
async function attempt(context: OperationContext, input: Input, deadline: number): Promise<Attempted> {
  const { caller } = await context.outgoing();
  const idempotencyKey = input.idempotencyKey ?? context.newId();
  const call = EvaluatedCall.parse(evaluated(input));
  const tried = new Set<string>();
  for (let attempts = 1; ; attempts++) {
    const target = await context.resolveService(input.service, tried);
    tried.add(target.url);
    try {
      const answered = await callOnce({ ...context, caller }, { target, call, idempotencyKey, deadline });
      return { target, answered, attempts };
    } catch (thrown) {
      const error = atThisDoor(toOrchestratorError(thrown));
      const mayPass =
        error.retry === 'transient' && attempts < mostAttempts && context.clock.now() < deadline;
      if (!mayPass || !(await mayRepeat(context, input, target))) throw error;
    }
  }
}

const evaluated = ({ service, tool, arguments: values = {}, request }: Input) =>
  tool === undefined ? { service, request } : { service, tool, arguments: values };

/** Because the caller says so, it is a GET, or the service says so of its tool (MCP: ToolAnnotations). */
async function mayRepeat(
  { catalogues }: OperationContext,
  { idempotent, request, tool }: Input,
  { service, version }: Target,
): Promise<boolean> {
  if (idempotent || request?.method === 'GET') return true;
  if (tool === undefined) return false;
  const known = await catalogues.get({ name: service, version });
  const annotations = known?.catalogue?.tools.find(({ name }) => name === tool)?.annotations;
  return annotations?.readOnlyHint === true || annotations?.idempotentHint === true;
}

/** What is the result of a step elsewhere is here the result of a call. */
function atThisDoor(error: OrchestratorError): OrchestratorError {
  if (error.code !== 'step.result-too-large') return error;
  return new OrchestratorError('service.result-too-large', error.message);
}
