import { describe, expect, it } from 'vitest';
import { ApiConfig } from '../../../src/runtime/api-config.ts';
import { CallingConfig } from '../../../src/runtime/config.ts';
import { readConfig } from '../../../src/runtime/read-config.ts';

const shared = {
  STAGE: 'dev',
  REGISTRY_TABLE: 'registry',
  INSTANCES_TABLE: 'instances',
  EXECUTIONS_TABLE: 'executions',
  TELEMETRY_TABLE: 'telemetry',
  RETENTION_DAYS: '30',
  UNDO_MACHINE_ARN: 'arn:aws:states:eu-west-1:1:stateMachine:undo',
  CHANGE_MACHINE_ARN: 'arn:aws:states:eu-west-1:1:stateMachine:changes',
};

describe('the environment of a function', () => {
  it('is read into numbers, lists and defaults', () => {
    const config = readConfig(CallingConfig, {
      ...shared,
      EGRESS_ALLOWED_NETWORKS: '10.0.0.0/8, 192.168.0.0/16',
    });
    expect(config).toMatchObject({
      RETENTION_DAYS: 30,
      LOG_LEVEL: 'INFO',
      LOG_OUTPUT: 'console',
      EGRESS_ALLOWED_NETWORKS: ['10.0.0.0/8', '192.168.0.0/16'],
    });
  });

  it('names every variable that is missing or wrong, not only the first', () => {
    const env = { ...shared, REGISTRY_TABLE: '', RETENTION_DAYS: '0', LOG_LEVEL: 'LOUD' };
    expect(() => readConfig(ApiConfig, env)).toThrow(
      /LOG_LEVEL.*REGISTRY_TABLE.*RETENTION_DAYS.*MACHINE_PREFIX.*MACHINE_ROLE_ARN.*RUN_STEP_FUNCTION/,
    );
  });

  it('takes an empty optional variable as not set', () => {
    const env = {
      ...shared,
      MACHINE_PREFIX: 'orch-',
      MACHINE_ROLE_ARN: 'arn:x',
      RUN_STEP_FUNCTION: 'f',
      ACCESS_TABLE: 'access',
      AUDIT_TABLE: 'audit',
      REVOCATION_SECONDS: '60',
      TOKEN_ISSUERS: '',
      DEFAULT_WORKFLOW: '',
      SERVICE_REGISTRY_URL: '',
    };
    expect(readConfig(ApiConfig, env).DEFAULT_WORKFLOW).toBeUndefined();
    expect(readConfig(ApiConfig, env).TOKEN_ISSUERS).toEqual([]);
    expect(readConfig(ApiConfig, env).SERVICE_REGISTRY_URL).toBeUndefined();
  });
});
