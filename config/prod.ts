import type { SettingsInput } from '../lib/settings.ts';

/** Tables are kept and protected. Name an `alarmEmail`, and a manifest of your own. */
export const settings: SettingsInput = {
  manifest: 'examples/email/orchestrator.yaml',
  defaultWorkflow: 'process-email',
  retentionDays: 90,
  logRetentionDays: 90,
};
