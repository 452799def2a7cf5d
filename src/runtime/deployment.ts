/** The functions that a deployment calls: the manifest, the machines of run time, and the smoke check. */
import * as z from 'zod';
import type { Clock } from '../base/clock.ts';
import { applyManifest } from '../manifest/apply-manifest.ts';
import { Manifest } from '../manifest/model/manifest.ts';
import { refuseWhileRunning, removeOmitted } from '../manifest/remove-omitted.ts';
import { checkMachines, type MachineReport, removeMachines } from '../workflows/check-machines.ts';
import { systemClock } from './clock-and-ids.ts';
import type { MachinesConfig, ManifestConfig } from './config.ts';
import { createMachineContext, createManifestContext } from './contexts/deployment.ts';
import { answerCloudFormation, CustomResourceRequest } from './custom-resource.ts';
import { createLog } from './log.ts';

/** What the custom resource of the manifest says. */
const ManifestProperties = z.object({
  Manifest: z
    .string()
    .transform((text) => JSON.parse(text))
    .pipe(Manifest),
  /** The arn of the machine of each workflow. */
  Machines: z.record(z.string(), z.string()),
});

/** `apply-manifest`: the registry says what the manifest says, or the deployment fails and goes back. */
export function createApplyManifest(config: ManifestConfig): (event: unknown) => Promise<void> {
  const log = createLog('apply-manifest', config);
  const context = createManifestContext(config, log);
  return async (event) => {
    const request = CustomResourceRequest.parse(event);
    await answerCloudFormation(log, request, async () => {
      if (request.RequestType === 'Delete') return;
      const { Manifest: now, Machines } = ManifestProperties.parse(request.ResourceProperties);
      const earlier = earlierOf(request);
      if (earlier) await refuseWhileRunning(context, earlier, now);
      await applyManifest(context, now, async ({ name }) => arnIn(Machines, name));
      if (earlier) await removeOmitted(context, earlier, now);
    });
  };
}

function earlierOf({ OldResourceProperties }: CustomResourceRequest) {
  if (!OldResourceProperties) return undefined;
  const { Manifest: manifest, Machines: machines } = ManifestProperties.parse(OldResourceProperties);
  return { services: manifest.services, machines };
}

function arnIn(machines: Readonly<Record<string, string>>, workflow: string): string {
  const arn = machines[workflow];
  if (arn === undefined) throw new Error(`no machine was deployed for workflow ${workflow}`);
  return arn;
}

/** `check-machines`: by its schedule and after each deployment; removes the machines when the stack goes. */
export function createCheckMachines(
  config: MachinesConfig,
  clock: Clock = systemClock,
): (event: unknown) => Promise<MachineReport | undefined> {
  const log = createLog('check-machines', config);
  const context = { ...createMachineContext(config, log), clock };
  const check = async (): Promise<MachineReport> => {
    const report = await checkMachines(context);
    log.info('checked machines', { ...report });
    return report;
  };
  return async (event) => {
    const request = CustomResourceRequest.safeParse(event);
    if (!request.success) return failingWhenHelpless(await check());
    await answerCloudFormation(log, request.data, async () => {
      if (request.data.RequestType !== 'Delete') return void (await check());
      log.info('removed machines', { machines: await removeMachines(context) });
    });
    return undefined;
  };
}

/** What it cannot repair a person has to look at: the function fails, and its alarm tells. */
function failingWhenHelpless(report: MachineReport): MachineReport {
  const { orphans, broken } = report;
  if (orphans.length + broken.length === 0) return report;
  throw new Error(
    `Machines need a look: running, but known to nobody: ${orphans.join(', ') || 'none'}; with a definition that is not valid any more: ${broken.join(', ') || 'none'}`,
  );
}
