/** Finds lines of the log, now or when there are some. */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../aws/cursor.ts';
import { createBell } from '../../base/bell.ts';
import { wholeNumber } from '../../base/bounded-number.ts';
import type { Clock } from '../../base/clock.ts';
import { OrchestratorError } from '../../base/errors.ts';
import { Place } from '../../instances/instance-shapes.ts';
import type { DrivenStore } from '../../instances/store/driven-store.ts';
import { type Asking, defineOperation } from '../../operation/operation.ts';
import { Moment } from '../../operation/query.ts';
import type { LogPage, LogSource, Reading } from '../logs/log-source.ts';
import { LogLine, type LogQuery, logLevels } from '../logs/model/log-line.ts';
import { type OutputContext, readOutput } from '../logs/process-output.ts';

export interface LogsContext extends OutputContext {
  /** Absent where the log is nowhere that it could be looked through. */
  readonly logSource: LogSource | undefined;
  readonly driven: Pick<DrivenStore, 'instance'>;
  readonly startOfExecution: (id: string) => Promise<number | undefined>;
  readonly clock: Clock;
}

const id = z.string().regex(/^[A-Za-z0-9_:-]{1,128}$/, 'must be 1 to 128 of A-Z, a-z, 0-9 and _:-');
const step = z
  .string()
  .max(512)
  .regex(/^[A-Za-z0-9_/]+$/, 'must be the id of a step, or a path such as each/3/store');

const Input = z
  .strictObject({
    workflowId: id.optional().describe('Lines of this execution'),
    step: step.optional().describe('Of this step: its id, or with its path, as in each/3/store'),
    service: Place.shape.service.optional().describe('Of this service'),
    instance: Place.shape.id.optional().describe('Of this instance'),
    source: z
      .enum(['system', 'process'])
      .default('system')
      .describe('system: what the orchestrator logs; process: what an instance of a service prints'),
    level: z.enum(logLevels).optional().describe('The least important that is shown; all when left out'),
    from: Moment.optional().describe(
      'From this time on; when left out since the start of workflowId, else for the last hour',
    ),
    to: Moment.optional().describe('Before this time; when left out up to now, and further with wait'),
    limit: wholeNumber({ from: 1, to: 500, example: 100 }).default(100).describe('How many lines at most'),
    cursor: z.string().max(4096).optional().describe('Of the answer before, with the same filters'),
    wait: wholeNumber({ from: 0, to: 25, example: 20 })
      .default(0)
      .describe('Answer when there are lines, or without any after so many seconds; on AWS 20 at most'),
  })
  .refine(({ source, service, instance }) => source === 'system' || (service && instance), {
    path: ['instance'],
    error: 'is required with source process, and so is service',
  })
  .refine(
    ({ source, workflowId, step, level, from, to }) =>
      source === 'system' || [workflowId, step, level, from, to].every((one) => one === undefined),
    {
      path: ['source'],
      error:
        'process goes with service, instance, limit, cursor and wait alone: what is printed has no time, level or step',
    },
  );
type Input = z.infer<typeof Input>;

const Output = z.object({
  lines: z.array(LogLine).describe('Oldest first'),
  cursor: z.string().describe('Pass it back for what comes next, now or, with wait, later'),
  more: z.boolean().describe('Whether there may be more already: go on with cursor at once'),
  lost: z
    .boolean()
    .optional()
    .describe('Whether lines after the cursor are not kept any more, or the instance was started again'),
});

/** Of the first page, so that the others ask for the same time. */
const Cursor = z.strictObject({
  source: z.enum(['system', 'process']),
  fromMs: z.number(),
  at: z.unknown(),
});

const hourMs = 3_600_000;
const outputLookMs = 500;

export const getLogs = defineOperation({
  id: 'get_logs',
  summary:
    'Show lines of the log by execution, step, service or instance, time and level, or what an instance prints; with wait, follow it',
  input: Input,
  output: Output,
  errors: [
    'execution.not-found',
    'instance.not-found',
    'driver.not-available',
    'logs.not-available',
    'logs.unavailable',
  ],
  access: 'operator',
  http: { method: 'GET', path: '/v1/logs', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: LogsContext, input, { signal }) {
    const cursor = input.cursor === undefined ? undefined : decodeCursor(input.cursor, Cursor);
    if (cursor && cursor.source !== input.source) throw refused('cursor', 'is of another source');
    const fromMs = cursor?.fromMs ?? (await firstMoment(context, input));
    const looking = await lookingFor(context, input, fromMs);
    const page = await firstWith(context, looking, { input, position: cursor?.at, signal });
    const { lines, position, more, lost } = page;
    return {
      lines: [...lines],
      cursor: encodeCursor({ source: input.source, fromMs, at: position }),
      more,
      ...(lost && { lost }),
    };
  },
});

interface Looking {
  readonly lookEveryMs: number;
  readonly longestMs: number;
  readonly read: (reading: Reading) => Promise<LogPage>;
}

async function lookingFor(context: LogsContext, input: Input, fromMs: number): Promise<Looking> {
  if (input.source === 'process') {
    const instance = await drivenInstance(context, input);
    const read = (reading: Reading) => readOutput(context, instance, reading);
    return { lookEveryMs: outputLookMs, longestMs: 25_000, read };
  }
  const { logSource } = context;
  if (!logSource)
    throw new OrchestratorError(
      'logs.not-available',
      'The log of this stage is not kept where it can be read',
    );
  const { lookEveryMs, longestMs } = logSource;
  const read = (reading: Reading) => logSource.read(queryOf(context, input, fromMs), reading);
  return { lookEveryMs, longestMs, read };
}

function queryOf({ clock }: LogsContext, input: Input, fromMs: number): LogQuery {
  const { workflowId, step, service, instance, level = 'debug', to } = input;
  const toMs = to === undefined ? clock.now() + 1_000 : Date.parse(to);
  if (toMs <= fromMs) throw refused('from', 'must be earlier than to, and than now');
  return { workflowId, step, service, instance, level, fromMs, toMs };
}

/** Throws `execution.not-found`. */
async function firstMoment(context: LogsContext, { from, to, workflowId }: Input): Promise<number> {
  if (from !== undefined) return Date.parse(from);
  const lastHour = (to === undefined ? context.clock.now() : Date.parse(to)) - hourMs;
  if (workflowId === undefined) return lastHour;
  const startedMs = await context.startOfExecution(workflowId);
  if (startedMs !== undefined) return startedMs - 1_000;
  throw new OrchestratorError('execution.not-found', `There is no execution ${workflowId}`);
}

async function drivenInstance(context: LogsContext, { service = '', instance = '' }: Input) {
  const driven = await context.driven.instance(service, instance);
  if (driven) return driven;
  throw new OrchestratorError(
    'instance.not-found',
    `The orchestrator starts no instance ${instance} of ${service}; get_service_lifecycle shows those that it starts`,
  );
}

interface Waiting {
  readonly input: Pick<Input, 'limit' | 'wait'>;
  readonly position: unknown;
  readonly signal: Asking['signal'];
}

/** The first page with lines, or the last one that there was time for. */
async function firstWith(
  { clock }: LogsContext,
  { read, lookEveryMs, longestMs }: Looking,
  { input: { limit, wait }, position, signal }: Waiting,
): Promise<LogPage> {
  const beganMs = clock.now();
  const deadlineMs = beganMs + longestMs;
  const waitUntilMs = beganMs + Math.min(wait * 1_000, longestMs);
  const bell = createBell(signal);
  try {
    for (let at = position; ; ) {
      const page = await read({ position: at, limit, deadlineMs, signal });
      const leftMs = waitUntilMs - clock.now();
      if (page.lines.length > 0 || page.lost || leftMs <= 0 || signal?.aborted) return page;
      if (!page.more) await bell.within(Math.min(lookEveryMs, leftMs));
      at = page.position;
    }
  } finally {
    bell.close();
  }
}

const refused = (path: string, message: string): OrchestratorError =>
  new OrchestratorError('request.invalid', `${path}: ${message}`, { errors: [{ path, message }] });
