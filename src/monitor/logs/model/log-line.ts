/** A line of the log as callers see it, and which lines a question is about. */
import * as z from 'zod';

/** From the least important on. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const LogLine = z.object({
  source: z
    .enum(['system', 'process'])
    .describe('system: a line of the orchestrator; process: what an instance printed'),
  time: z.string().optional().describe('ISO time; absent of source process, whose lines have none'),
  level: z.enum(logLevels).optional().describe('Absent of source process'),
  message: z.string(),
  function: z
    .string()
    .optional()
    .describe('The function of the orchestrator that wrote it, such as run-step'),
  workflowId: z.string().optional().describe('The execution'),
  step: z.string().optional().describe('With its path, as in each/3/store'),
  service: z.string().optional(),
  instance: z.string().optional(),
  requestId: z.string().optional(),
  traceId: z.string().optional().describe('Of W3C traceparent, or of X-Ray'),
  fields: z.record(z.string(), z.unknown()).optional().describe('Whatever else the line says'),
});
export type LogLine = z.infer<typeof LogLine>;

const Written = z.looseObject({
  level: z
    .string()
    .transform((level) => level.toLowerCase())
    .pipe(z.enum(logLevels)),
  message: z.string(),
  timestamp: z.string().refine((time) => !Number.isNaN(Date.parse(time))),
});

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Undefined for a text that is no line of ours, as what Lambda itself says of a call. */
export function lineOf(written: string): LogLine | undefined {
  const { data } = Written.safeParse(parsed(written));
  if (!data) return undefined;
  const { level, message, timestamp, ...rest } = data;
  const { function: name, workflowId, step, service, instance, requestId, traceId, ...fields } = rest;
  const known = { function: name, workflowId, step, service, instance, requestId, traceId };
  const named = Object.entries(known).flatMap(([key, value]): [string, string][] => {
    const words = text(value);
    return words === undefined ? [] : [[key, words]];
  });
  const isMore = Object.keys(fields).length > 0;
  return LogLine.parse({
    source: 'system',
    time: new Date(timestamp).toISOString(),
    level,
    message,
    ...Object.fromEntries(named),
    ...(isMore && { fields }),
  });
}

function parsed(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** What lines are asked for. */
export interface LogQuery {
  readonly workflowId?: string | undefined;
  /** Its id, or with the path before it. */
  readonly step?: string | undefined;
  readonly service?: string | undefined;
  readonly instance?: string | undefined;
  /** The least important that is shown. */
  readonly level: LogLevel;
  /** Milliseconds since the epoch: at or after the first, before the second. */
  readonly fromMs: number;
  readonly toMs: number;
}

export const levelsFrom = (level: LogLevel): readonly LogLevel[] => logLevels.slice(logLevels.indexOf(level));

export function matches(query: LogQuery, line: LogLine): boolean {
  const { time, level, step, workflowId, service, instance } = line;
  const atMs = Date.parse(time ?? '');
  return (
    atMs >= query.fromMs &&
    atMs < query.toMs &&
    level !== undefined &&
    levelsFrom(query.level).includes(level) &&
    isAsked(query.workflowId, workflowId) &&
    isAsked(query.service, service) &&
    isAsked(query.instance, instance) &&
    (isAsked(query.step, step) || step?.endsWith(`/${query.step}`) === true)
  );
}

const isAsked = (asked: string | undefined, given: string | undefined): boolean =>
  asked === undefined || asked === given;
