/** A meter that counts for `/metrics` besides what it counts for our own tables. Counting is in memory alone. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { errorCatalogue } from '../../src/base/error-catalogue.ts';
import type { Meter } from '../../src/monitor/usage/create-meter.ts';
import { boundedNames } from './bounded-names.ts';

/** Services and workflows that have series of their own. */
const mostNames = 200;

const secondsOfCalls = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const secondsOfExecutions = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 3_600, 86_400];

/** `ok`, `cancelled`, or the class of the error: `transient` where the same call may succeed later. */
const resultOf = (code: string | undefined): string => {
  if (code === undefined) return 'ok';
  if (code === 'execution.cancelled') return 'cancelled';
  return isOfCatalogue(code) ? errorCatalogue[code].retry : 'permanent';
};

const isOfCatalogue = (code: string): code is keyof typeof errorCatalogue =>
  Object.hasOwn(errorCatalogue, code);

export function countedBy(registry: Registry, meter: Meter): Meter {
  const metrics = metricsOf(registry);
  const serviceOf = boundedNames(mostNames);
  const workflowOf = boundedNames(mostNames);
  return {
    ...meter,
    calls(call) {
      const service = serviceOf(call.service);
      const ended = meter.calls(call);
      const stop = metrics.callSeconds.startTimer({ service });
      metrics.callsInFlight.inc({ service });
      if (call.repeats) metrics.callRetries.inc({ service });
      return (code) => {
        ended(code);
        stop();
        metrics.callsInFlight.dec({ service });
        metrics.calls.inc({ service, result: resultOf(code) });
      };
    },
    started(name) {
      meter.started(name);
      metrics.started.inc({ workflow: workflowOf(name) });
    },
    ended(name, end) {
      meter.ended(name, end);
      const workflow = workflowOf(name);
      metrics.ended.inc({ workflow, status: end.status });
      metrics.executionSeconds.observe({ workflow }, end.ms / 1000);
    },
    attempted(name, attempt) {
      meter.attempted(name, attempt);
      const workflow = workflowOf(name);
      metrics.attempts.inc({ workflow, result: resultOf(attempt.code) });
      if (attempt.repeats) metrics.stepRetries.inc({ workflow });
    },
  };
}

function metricsOf(registry: Registry) {
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const histogram = (name: string, help: string, label: 'service' | 'workflow', buckets: number[]) =>
    new Histogram({ name, help, labelNames: [label], buckets, registers: [registry] });
  return {
    started: counter('orchestrator_executions_started_total', 'Executions that were started', ['workflow']),
    ended: counter('orchestrator_executions_ended_total', 'Executions that ended, by how they did', [
      'workflow',
      'status',
    ]),
    executionSeconds: histogram(
      'orchestrator_execution_duration_seconds',
      'How long executions took that ended',
      'workflow',
      secondsOfExecutions,
    ),
    attempts: counter('orchestrator_step_attempts_total', 'Attempts of steps that ended', [
      'workflow',
      'result',
    ]),
    stepRetries: counter('orchestrator_step_retries_total', 'Attempts that repeated a failed one', [
      'workflow',
    ]),
    calls: counter('orchestrator_calls_total', 'Calls of services that ended, by the class of their error', [
      'service',
      'result',
    ]),
    callSeconds: histogram(
      'orchestrator_call_duration_seconds',
      'How long calls of services took',
      'service',
      secondsOfCalls,
    ),
    callRetries: counter('orchestrator_call_retries_total', 'Calls that repeated an earlier one', [
      'service',
    ]),
    callsInFlight: new Gauge({
      name: 'orchestrator_calls_in_flight',
      help: 'Calls of services that are under way',
      labelNames: ['service'],
      registers: [registry],
    }),
  };
}
