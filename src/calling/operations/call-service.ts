/** Calls a service at once, in the way in which a step of a workflow does. */
import * as z from 'zod';
import { wholeNumber } from '../../base/bounded-number.ts';
import type { Clock } from '../../base/clock.ts';
import {
  afterLostTry,
  Fault,
  OrchestratorError,
  outgoingCodes,
  toOrchestratorError,
  withFacts,
} from '../../base/errors.ts';
import { boundedWarnings } from '../../base/faults.ts';
import type { TraceContext } from '../../base/trace.ts';
import type { InstanceNews } from '../../instances/instance-news.ts';
import { defineOperation } from '../../operation/operation.ts';
import { ServiceReference } from '../../registry/services/model/service-reference.ts';
import type { CatalogueStore } from '../../registry/tools/store/catalogue-store.ts';
import { EvaluatedCall } from '../../transport/model/call.ts';
import { repeatabilityOfMethod } from '../../transport/model/repeatability.ts';
import type { Answered } from '../../transport/service-caller.ts';
import { type CallContext, callService as callOnce, resolveStarting } from '../call-service.ts';
import { type OutputSchemaContext, withOutputChecked } from '../check-structured-content.ts';
import type { ResolveService } from '../resolve-service.ts';
import type { Target } from '../target.ts';
import { type HintsContext, repeatabilityOfTool, withTrustedEffect } from '../tool-hints.ts';

const mostAttempts = 3;

/** RFC 9110, 5.5, without obs-text. */
const headerValue = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

const Input = z
  .strictObject({
    service: ServiceReference.describe('A name, perhaps with a range: gmail, or gmail@^1.2'),
    tool: z.string().min(1).max(128).optional().describe('A tool of an MCP service'),
    arguments: z.record(z.string(), z.unknown()).optional().describe('The arguments of the tool'),
    request: z
      .strictObject({
        method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).describe('The HTTP method'),
        path: z
          .string()
          .max(8192)
          .regex(/^\//, 'must start with "/"')
          .describe('Below the url of the service'),
        query: z.record(z.string(), z.unknown()).optional().describe('An array repeats the parameter'),
        headers: z
          .record(z.string(), z.unknown())
          .optional()
          .describe('Request headers, none with credentials'),
        body: z.unknown().optional().describe('The JSON body'),
      })
      .optional()
      .describe('A request to a REST service'),
    timeoutSeconds: wholeNumber({ from: 1, to: 25, example: 20 })
      .default(20)
      .describe('For the whole call, with every attempt'),
    idempotent: z
      .boolean()
      .default(false)
      .describe(
        'Whether it may be repeated after a transient failure; a GET, PUT or DELETE always may, and so may a tool that says readOnlyHint or idempotentHint, of a service that is registered with trustHints',
      ),
    idempotencyKey: z
      .string()
      .min(1)
      .max(256)
      .regex(headerValue, 'is sent as a header: printable ASCII, without a space at either end')
      .optional()
      .describe('Sent to the service as a header; a new one for each call when left out'),
  })
  .refine(({ tool, request }) => (tool === undefined) !== (request === undefined), {
    path: ['tool'],
    error: 'is required, or a request; not both',
  })
  .refine(({ tool, arguments: values }) => values === undefined || tool !== undefined, {
    path: ['arguments'],
    error: 'belong to a tool',
  })
  .meta({
    examples: [
      { service: 'gmail', tool: 'get_email', arguments: { id: 'abc123' } },
      { service: 'graph', request: { method: 'GET', path: '/nodes', query: { limit: 10 } } },
    ],
  });
type Input = z.infer<typeof Input>;

export interface CallServiceContext extends CallContext, OutputSchemaContext, HintsContext {
  readonly resolveService: ResolveService;
  readonly instanceNews?: InstanceNews | undefined;
  readonly catalogues: CatalogueStore;
  /** A new unique id. */
  readonly newId: () => string;
  readonly clock: Clock;
}

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
    'service.wrong-kind',
    'service.not-found',
    'service.unavailable',
    'service.starting',
    'service.stopped',
    ...outgoingCodes,
    'service.tool-not-found',
    'service.arguments-invalid',
    'service.tool-failed',
    'service.result-too-large',
  ],
  access: 'operator',
  http: { method: 'POST', path: '/v1/service-calls', status: 200 },
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  async run(context: CallServiceContext, input, { trace }) {
    const startedAt = context.clock.now();
    const { target, answered, attempts } = await attempt(
      context,
      { ...input, trace },
      startedAt + input.timeoutSeconds * 1000,
    ).finally(() => context.callMeter?.writeDue());
    const { service, version, instance } = target;
    const durationMs = context.clock.now() - startedAt;
    const warnings = boundedWarnings(answered.warnings);
    return { service, version, instance, result: answered.value, warnings, attempts, durationMs };
  },
});

/** A call, and what it is a part of. */
type Traced = Input & { readonly trace: TraceContext | undefined };

interface Attempted {
  readonly target: Target;
  readonly answered: Answered;
  readonly attempts: number;
}

/** Tries an idempotent call again on another instance, as long as there is time; what is transient alone. */
async function attempt(context: CallServiceContext, input: Traced, deadline: number): Promise<Attempted> {
  const { idempotencyKey = context.newId(), idempotent, trace } = input;
  const call = EvaluatedCall.parse(evaluated(input));
  const tried = new Set<string>();
  let earlier: OrchestratorError | undefined;
  for (let attempts = 1; ; attempts++) {
    const target = await resolved(context, input.service, { tried, earlier, deadline });
    tried.add(target.url);
    try {
      const calling = { target, call, trace, idempotencyKey, idempotent, deadline, repeats: attempts > 1 };
      const answered = await callOnce(context, calling);
      const checked = await withOutputChecked(context, answered, { target, tool: input.tool });
      return { target, answered: checked, attempts };
    } catch (thrown) {
      const failed = await withTrustedEffect(context, { target, call }, thrown);
      const error = inDoubtAfter(earlier, atThisDoor(toOrchestratorError(failed)));
      earlier = error;
      const mayPass =
        error.retry === 'transient' && attempts < mostAttempts && context.clock.now() < deadline;
      if (!mayPass || !(await mayRepeat(context, input, target))) throw error;
    }
  }
}

interface Resolving {
  readonly tried: ReadonlySet<string>;
  readonly earlier: OrchestratorError | undefined;
  readonly deadline: number;
}

async function resolved(
  context: CallServiceContext,
  service: string,
  { tried, earlier, deadline }: Resolving,
): Promise<Target> {
  try {
    return await resolveStarting(context, service, { tried, deadline });
  } catch (thrown) {
    throw inDoubtAfter(earlier, atThisDoor(toOrchestratorError(thrown)));
  }
}

/** What became of a later attempt says nothing of an earlier one. */
const inDoubtAfter = (earlier: OrchestratorError | undefined, error: OrchestratorError): OrchestratorError =>
  earlier?.effect === 'unknown' && error.effect !== 'unknown' ? afterLostTry(error) : error;

const evaluated = ({ service, tool, arguments: values = {}, request }: Input) =>
  tool === undefined ? { service, request } : { service, tool, arguments: values };

/** Because the caller says so, its method promises it, or a service that is trusted says so of its tool. */
async function mayRepeat(
  context: CallServiceContext,
  { idempotent, request, tool }: Input,
  target: Target,
): Promise<boolean> {
  if (idempotent || (request && repeatabilityOfMethod(request.method) !== 'once')) return true;
  return tool !== undefined && (await repeatabilityOfTool(context, target, tool)) !== 'once';
}

/** What is the result of a step elsewhere is here the result of a call; and nobody here waits for the caller. */
function atThisDoor(error: OrchestratorError): OrchestratorError {
  const { code, message, effect, retryAfterSeconds } = error;
  if (code === 'step.result-too-large')
    return new OrchestratorError('service.result-too-large', message, { effect });
  if (retryAfterSeconds === undefined) return error;
  return withFacts(error, { message: `${message}; try again in ${Math.ceil(retryAfterSeconds)} s` });
}
