/** The notify service: a REST API that takes notifications, and can be told to fail. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import {
  HttpFault,
  hangUpSignal,
  pause,
  type RunningService,
  readJson,
  type ServiceOptions,
  sendJson,
  startHttpService,
} from './http-service.ts';
import {
  createNotificationLog,
  FailureMode,
  type NotificationLog,
  NotificationRequest,
} from './notification-log.ts';
import { isProgram, readSharedEnvironment, runService } from './run-service.ts';

export interface NotifyOptions extends ServiceOptions {
  /** Whether `POST /notifications` answers 500; default off. `PUT /failure` changes it. */
  readonly failure?: FailureMode;
}

const FailureSetting = z.strictObject({ mode: FailureMode });

export function startNotify({ failure = 'off', ...options }: NotifyOptions): Promise<RunningService> {
  const log = createNotificationLog({ failure, newId: randomUUID, now: () => new Date() });
  const sendFailure = (response: ServerResponse): void =>
    sendJson(response, 200, { mode: log.failureMode() });
  return startHttpService(
    {
      '/notifications': {
        POST: (request, response) => postNotification(log, request, response, options.delayMs ?? 0),
        GET: (_request, response) => sendJson(response, 200, { notifications: log.list() }),
      },
      '/failure': {
        GET: (_request, response) => sendFailure(response),
        PUT: async (request, response) => {
          log.setFailureMode((await readBody(request, FailureSetting)).mode);
          sendFailure(response);
        },
      },
    },
    options,
  );
}

async function postNotification(
  log: NotificationLog,
  request: IncomingMessage,
  response: ServerResponse,
  delayMs: number,
): Promise<void> {
  const body = await readBody(request, NotificationRequest);
  await pause(delayMs, hangUpSignal(response));
  const outcome = log.accept(body, request.headers['idempotency-key']?.toString());
  if (outcome.kind === 'failed') throw new HttpFault(500, 'Notifications fail because they were told to');
  if (outcome.kind === 'conflict')
    throw new HttpFault(409, 'The Idempotency-Key was used with another notification');
  sendJson(response, 201, outcome.notification);
}

async function readBody<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await readJson(request));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new HttpFault(400, 'The body does not have the documented shape', errors);
}

if (isProgram(import.meta.url)) {
  await runService('notify', async (env) =>
    startNotify({ ...readSharedEnvironment(env, 8004), failure: readFailureMode(env.NOTIFY_FAIL) }),
  );
}

function readFailureMode(text: string | undefined): FailureMode {
  const mode = FailureMode.safeParse(text ?? 'off');
  if (!mode.success) throw new Error('NOTIFY_FAIL must be off, once or always');
  return mode.data;
}
