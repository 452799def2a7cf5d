import type { SettingsInput } from '../lib/settings.ts';

/** For trying things out: the example workflows, short retention, and nothing is kept when it is destroyed. */
export const settings: SettingsInput = {
  manifest: 'examples/email/orchestrator.yaml',
  defaultWorkflow: 'process-email',
  retentionDays: 14,
  logRetentionDays: 7,
  logLevel: 'DEBUG',
  keepData: false,
};
