import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../../src/executions/model/execution.ts';
import { endOf } from '../../../src/executions/model/execution-end.ts';

const failed = (occurrence: string, finishedAt: string, code = 'service.failed'): StepRecord => ({
  executionId: 'e',
  occurrence,
  step: occurrence,
  path: '',
  service: `${occurrence}-service`,
  tool: 't',
  status: 'FAILED',
  attempts: [{ startedAt: finishedAt, error: { code, message: `${occurrence} failed` } }],
  finishedAt,
});

describe('the end of an execution', () => {
  it('is not there while it runs', () => {
    expect(endOf({ status: 'RUNNING' }, [])).toBeUndefined();
  });

  it('has the output of a success', () => {
    expect(endOf({ status: 'SUCCEEDED', output: '{"a":1}' }, [])).toEqual({
      status: 'SUCCEEDED',
      output: { a: 1 },
    });
  });

  it('names the step that failed last with the error that ended it', () => {
    const steps = [
      failed('late', '2026-01-02'),
      failed('early', '2026-01-01'),
      failed('other', '2026-01-03', 'x'),
    ];
    expect(endOf({ status: 'FAILED', error: 'service.failed', cause: '{}' }, steps)).toEqual({
      status: 'FAILED',
      error: { code: 'service.failed', message: 'late failed', step: 'late', service: 'late-service' },
    });
  });

  it('shows only the message of what a function threw, never its stack', () => {
    const cause = JSON.stringify({ errorMessage: 'it broke', trace: ['at secret.ts:1'] });
    expect(endOf({ status: 'FAILED', error: 'internal.error', cause }, [])?.error).toEqual({
      code: 'internal.error',
      message: 'it broke',
    });
  });

  it('takes the step from the cause when no record names it', () => {
    const cause = "An error occurred while executing the state 'choose' (entered at the event id #7).";
    expect(endOf({ status: 'FAILED', error: 'States.Runtime', cause }, [])?.error).toEqual({
      code: 'States.Runtime',
      message: cause,
      step: 'choose',
    });
  });

  it.each([
    ['TIMED_OUT', 'TIMED_OUT', 'execution.timed-out'],
    ['ABORTED', 'TERMINATED', 'execution.terminated'],
  ])('%s is %s', (native, status, code) => {
    expect(endOf({ status: native }, [])).toMatchObject({ status, error: { code } });
  });

  it('has the reason of a termination that Step Functions tells of before it is written', () => {
    const told = { status: 'ABORTED', error: 'execution.terminated' };
    expect(endOf({ ...told, cause: 'Terminated by request: wrong parcel' }, [])?.reason).toBe('wrong parcel');
    expect(endOf({ ...told, cause: 'Terminated by request' }, [])).not.toHaveProperty('reason');
    expect(endOf({ status: 'ABORTED', cause: 'Terminated by request: no' }, [])).not.toHaveProperty('reason');
  });
});
