import type { SettingsInput } from '../lib/settings.ts';

/** For LocalStack, which forgets everything when it stops (docs/localstack.md). */
export const settings: SettingsInput = {
  manifest: 'examples/email/orchestrator.yaml',
  defaultWorkflow: 'process-email',
  retentionDays: 1,
  logRetentionDays: 1,
  logLevel: 'DEBUG',
  // The example services, in the network of docker-compose.yml.
  allowedNetworks: ['172.30.57.0/24'],
  dashboard: false,
  keepData: false,
};
