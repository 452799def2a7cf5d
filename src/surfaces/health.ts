/**
 * `GET /healthz`: up, and what is not ready. Open to everybody, so it names parts and nothing else, and asks
 * them at most once in a few seconds.
 */
import type { Clock } from '../base/clock.ts';
import { type HttpResponse, json } from './http.ts';

/** Resolves when the part answers. */
export type ReadinessCheck = () => Promise<unknown>;

const keptMs = 5000;
const boundMs = 2000;

export function createHealth(checks: Readonly<Record<string, ReadinessCheck>>, clock: Clock) {
  let kept: { at: number; notReady: Promise<string[]> } | undefined;
  return async (): Promise<HttpResponse> => {
    if (!kept || clock.now() - kept.at > keptMs) kept = { at: clock.now(), notReady: notReadyOf(checks) };
    const notReady = await kept.notReady;
    if (notReady.length > 0) kept = undefined;
    const ready = notReady.length === 0;
    return json(ready ? 200 : 503, { status: 'ok', ready, notReady });
  };
}

async function notReadyOf(checks: Readonly<Record<string, ReadinessCheck>>): Promise<string[]> {
  const answers = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => ((await isReady(check)) ? [] : [name])),
  );
  return answers.flat();
}

async function isReady(check: ReadinessCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, boundMs, false);
  });
  const answered = check().then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}
