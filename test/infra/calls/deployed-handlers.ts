/** The handlers of lambdas/, each with the environment of its own. */
import type * as z from 'zod';
import type { Drivers } from '../../../src/instances/driver.ts';
import { type ApiHandler, createApiHandler } from '../../../src/runtime/api.ts';
import { ApiConfig } from '../../../src/runtime/api-config.ts';
import { createAuthorizer, createSecretAuthenticator } from '../../../src/runtime/authorizer.ts';
import { AuthorizerConfig, SmokeCheckConfig } from '../../../src/runtime/authorizer-config.ts';
import { createCheckHealth } from '../../../src/runtime/check-health.ts';
import {
  CallingConfig,
  DeliverConfig,
  HealthConfig,
  LifecycleConfig,
  MachinesConfig,
  ManifestConfig,
  RefreshConfig,
  SharedConfig,
} from '../../../src/runtime/config.ts';
import { createDeliverEvents } from '../../../src/runtime/deliver-events.ts';
import { createApplyManifest, createCheckMachines } from '../../../src/runtime/deployment.ts';
import { createLifecycle } from '../../../src/runtime/lifecycle.ts';
import { readConfig } from '../../../src/runtime/read-config.ts';
import { createRecordExecution } from '../../../src/runtime/record-execution.ts';
import { createRefreshServices } from '../../../src/runtime/refresh-services.ts';
import { createRunStep } from '../../../src/runtime/run-step.ts';
import { createSmokeCheck } from '../../../src/runtime/smoke-check-function.ts';
import { createSweep } from '../../../src/runtime/sweep.ts';
import { createUndo } from '../../../src/runtime/undo.ts';

export type Handler = (event: unknown) => Promise<unknown>;

export interface DeployedHandlers {
  readonly api: ApiHandler;
  /** Throws for a function that is not deployed. */
  named(name: string): Handler;
  close(): void;
}

/** What starts and stops instances comes in: it is not of AWS, so that no permission is for it. */
export function createHandlers(
  environments: ReadonlyMap<string, Readonly<Record<string, string>>>,
  drivers: Drivers,
): DeployedHandlers {
  const config = <T>(name: string, shape: z.core.$ZodType<T>): T =>
    readConfig(shape, environments.get(name) ?? {});
  const api = createApiHandler(config('api', ApiConfig));
  const tasks = {
    'run-step': createRunStep(config('run-step', CallingConfig)),
    undo: createUndo(config('undo', CallingConfig)),
    'record-execution': createRecordExecution(config('record-execution', SharedConfig)),
    sweep: createSweep(config('sweep', SharedConfig)),
    lifecycle: createLifecycle({ ...config('lifecycle', LifecycleConfig), DRIVERS: drivers }),
    'check-health': createCheckHealth(config('check-health', HealthConfig)),
    'deliver-events': createDeliverEvents(config('deliver-events', DeliverConfig)),
    'refresh-services': createRefreshServices(config('refresh-services', RefreshConfig)),
  };
  const handlers: Readonly<Record<string, Handler>> = {
    ...tasks,
    'apply-manifest': createApplyManifest(config('apply-manifest', ManifestConfig)),
    'check-machines': createCheckMachines(config('check-machines', MachinesConfig)),
    authorizer: createAuthorizer(createSecretAuthenticator(config('authorizer', AuthorizerConfig))),
    'smoke-check': createSmokeCheck(config('smoke-check', SmokeCheckConfig)),
  };
  return {
    api,
    named(name) {
      const handler = handlers[name];
      if (!handler) throw new Error(`no function ${name} is deployed`);
      return handler;
    },
    close() {
      for (const handler of [api, ...Object.values(tasks)]) handler.close();
    },
  };
}
