/** `smoke-check`: the last resource of a deployment, which fails when the deployment cannot be used. */
import * as z from 'zod';
import type { SmokeCheckConfig } from './authorizer-config.ts';
import { answerCloudFormation, CustomResourceRequest } from './custom-resource.ts';
import { createLog } from './log.ts';
import { createConfiguredSecretReader } from './secret-reader.ts';
import { smokeCheck } from './smoke-check.ts';

const Properties = z.object({ Url: z.url(), Workflow: z.string() });

export function createSmokeCheck(config: SmokeCheckConfig): (event: unknown) => Promise<void> {
  const log = createLog('smoke-check', { LOG_LEVEL: 'INFO', LOG_OUTPUT: 'console' });
  const readSecret = createConfiguredSecretReader(config);
  return async (event) => {
    const request = CustomResourceRequest.parse(event);
    await answerCloudFormation(log, request, async () => {
      if (request.RequestType === 'Delete') return;
      const { Url: url, Workflow: workflow } = Properties.parse(request.ResourceProperties);
      const adminKey = await readSecret(config.ADMIN_KEY_SECRET_ID);
      await smokeCheck({ url: url.replace(/\/$/, ''), adminKey, workflow });
    });
  };
}
