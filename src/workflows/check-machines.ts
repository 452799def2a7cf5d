/**
 * Holds the machines that were made at run time against the registry. They live outside CloudFormation, so nothing
 * else notices when one is missing, was changed, runs as a role or calls a function that was replaced, or is left
 * over. What can be repaired is; what still runs and is known to nobody is only reported.
 */

import { isManifestMachine, machineNameIn } from '../aws/model/arns.ts';
import type { EngineMachine, ListedMachine } from '../aws/step-functions.ts';
import { compileWorkflow } from './compiler/compile.ts';
import { validateWorkflow } from './compiler/validate.ts';
import type { MachineContext } from './context.ts';
import type { WorkflowVersion } from './model/workflow-records.ts';

export interface MachineReport {
  /** Machines that versions of workflows need. */
  checked: number;
  /** Made again, since they were missing. */
  restored: string[];
  /** Given back their definition or their role. */
  repaired: string[];
  /** Removed, since no version needs them and nothing ran. */
  removed: string[];
  /** Known to nobody, but running. */
  orphans: string[];
  /** Not repaired: their definition is not valid any more. */
  broken: string[];
}

/** A definition makes its machine first and is registered then: younger ones may be about to be. */
const youngMs = 60 * 60_000;

export async function checkMachines(context: MachineContext): Promise<MachineReport> {
  const report: MachineReport = {
    checked: 0,
    restored: [],
    repaired: [],
    removed: [],
    orphans: [],
    broken: [],
  };
  const needed = await neededMachines(context);
  for (const [arn, version] of needed) await checkOne(context, report, { arn, version });
  for (const machine of await madeAtRunTime(context)) {
    if (!needed.has(machine.arn)) await removeOrphan(context, report, machine);
  }
  return report;
}

/** Removes every machine that was made at run time, and ends what runs on them. */
export async function removeMachines(
  context: Pick<MachineContext, 'stepFunctions' | 'machinePrefix'>,
): Promise<string[]> {
  const removed: string[] = [];
  for (const { name, arn } of await madeAtRunTime(context)) {
    await context.stepFunctions.deleteMachine(arn);
    removed.push(name);
  }
  return removed;
}

/** All of them before any is removed: pages of a list that changes may leave some out. */
async function madeAtRunTime({
  stepFunctions,
  machinePrefix,
}: Pick<MachineContext, 'stepFunctions' | 'machinePrefix'>): Promise<ListedMachine[]> {
  const made: ListedMachine[] = [];
  for await (const machine of stepFunctions.machines(machinePrefix)) {
    if (!isManifestMachine(machinePrefix, machine.name)) made.push(machine);
  }
  return made;
}

const isOfDeployment = ({ machinePrefix }: MachineContext, { machineArn }: WorkflowVersion): boolean =>
  isManifestMachine(machinePrefix, machineNameIn(machineArn));

/** Whether it was deleted so long ago that no execution of it can be retried. */
const isOver = ({ clock }: MachineContext, { deletion }: WorkflowVersion): boolean =>
  deletion !== undefined && Date.parse(deletion.keptUntil) <= clock.now();

/** Each machine that was made at run time and that a version runs on, with that version. */
async function neededMachines(context: MachineContext): Promise<Map<string, WorkflowVersion>> {
  const needed = new Map<string, WorkflowVersion>();
  let cursor: string | undefined;
  do {
    const page = await context.workflows.list({ limit: 100, cursor });
    for (const { name } of page.items) {
      for (const version of await context.workflows.versions(name)) {
        if (!isOfDeployment(context, version) && !isOver(context, version))
          needed.set(version.machineArn, version);
      }
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return needed;
}

interface Needed {
  readonly arn: string;
  readonly version: WorkflowVersion;
}

async function checkOne(
  context: MachineContext,
  report: MachineReport,
  { arn, version }: Needed,
): Promise<void> {
  report.checked += 1;
  const machine = await context.stepFunctions.describeMachine(arn);
  if (machine && isSound(context, arn, machine)) return;
  const name = machineNameIn(arn);
  const definition = compiledAgain(context, version);
  if (definition === undefined) return void report.broken.push(name);
  const roleArn = context.machineRoleArn;
  if (!machine) {
    await context.stepFunctions.createMachine({ name, definition, roleArn });
    report.restored.push(name);
  } else if (machine.roleArn !== roleArn || machine.definition !== definition) {
    await context.stepFunctions.updateMachine(arn, definition, roleArn);
    report.repaired.push(name);
  }
}

/** The name ends in the hash of the definition that the machine was made with, by whatever compiler. */
const isSound = (context: MachineContext, arn: string, { definition, roleArn }: EngineMachine): boolean =>
  roleArn === context.machineRoleArn &&
  arn.endsWith(`-${context.hash(definition).slice(0, 10)}`) &&
  definition.includes(JSON.stringify(context.runStepFunction));

/** Whether its services are registered now is not asked: a step that calls one which is not says so itself. */
function compiledAgain({ runStepFunction }: MachineContext, version: WorkflowVersion): string | undefined {
  const validation = validateWorkflow(version.definition, { stored: true });
  return validation.ok
    ? JSON.stringify(compileWorkflow(validation.definition, { runStepFunction }))
    : undefined;
}

async function removeOrphan(
  context: MachineContext,
  report: MachineReport,
  { name, arn, createdAtMs }: ListedMachine,
): Promise<void> {
  if (context.clock.now() - createdAtMs < youngMs) return;
  if (await context.stepFunctions.hasRunning(arn)) return void report.orphans.push(name);
  await context.stepFunctions.deleteMachine(arn);
  report.removed.push(name);
}
