import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { manifestMachineNameOf } from '../../lib/names.ts';
import { changeMachine } from '../../src/lifecycle/model/change-machine.ts';
import { undoMachine } from '../../src/workflows/compiler/undo-machine.ts';
import { type Synthesized, synthesize } from './synthesized.ts';
import { arnOf, TemplateReader } from './template-reader.ts';

const machineType = 'AWS::StepFunctions::StateMachine';

let system: Synthesized;
let read: TemplateReader;
beforeAll(async () => {
  system = await synthesize();
  read = new TemplateReader(system.workflows);
}, 60_000);

const machineNamed = (name: string) =>
  read.resources(machineType).find(([, { StateMachineName }]) => StateMachineName === name)?.[1];

const definitionOf = (machine: Record<string, unknown> | undefined): unknown =>
  JSON.parse(z.string().parse(machine?.['DefinitionString']));

describe('the state machines', () => {
  it('keep their names, so that a changed definition updates them in place', () => {
    const named = read.resources(machineType).map(([id, { StateMachineName }]) => [id, StateMachineName]);
    expect(Object.fromEntries(named)).toEqual({
      Workflowsprocessemail6D0C5925: 'orch-dev-m_process-email-174cffb96a',
      WorkflowsprocessinboxCC941447: 'orch-dev-m_process-inbox-dfa25e5f87',
      Workflowsprocessandnotify5819F7AC: 'orch-dev-m_process-and-notify-b9bf8f4c80',
      WorkflowssmokecheckCF8CFB6F: 'orch-dev-m_smoke-check-de28cba4df',
      UndoMachine58A111E4: 'orchestrator-dev-undo',
      LifecycleChangesMachineDA89A716: 'orchestrator-dev-changes',
    });
    for (const other of [system.data, system.api, system.monitoring]) other.resourceCountIs(machineType, 0);
  });

  it.each([
    ['process-email', 'orch-dev-m_process-email-174cffb96a'],
    ['process-inbox', 'orch-dev-m_process-inbox-dfa25e5f87'],
    ['process-and-notify', 'orch-dev-m_process-and-notify-b9bf8f4c80'],
  ])('run the compiled definition of %s with run-step', async (workflow, name) => {
    const file = new URL(`../../docs/asl/${workflow}.asl.json`, import.meta.url);
    const machine = machineNamed(name);
    expect(definitionOf(machine)).toEqual(JSON.parse(await readFile(file, 'utf8')));
    expect(machine).toMatchObject({
      StateMachineType: 'STANDARD',
      DefinitionSubstitutions: { RunStepFunction: arnOf(read.functionId('run-step')) },
      RoleArn: arnOf('WorkflowsRoleF3768BE0'),
    });
  });

  it('come with one that only waits, for the smoke check', () => {
    const machine = machineNamed('orch-dev-m_smoke-check-de28cba4df');
    expect(definitionOf(machine)).toMatchObject({
      TimeoutSeconds: 60,
      States: { pause: { Type: 'Wait', Seconds: 1 } },
    });
    expect(machine).toMatchObject({ RoleArn: arnOf('WorkflowsRoleF3768BE0') });
  });

  it('come with one that undoes, with a role of its own', () => {
    expect(machineNamed('orchestrator-dev-undo')).toMatchObject({
      DefinitionString: JSON.stringify(undoMachine('$' + '{UndoFunction}')),
      DefinitionSubstitutions: { UndoFunction: arnOf(read.functionId('undo')) },
      RoleArn: arnOf('UndoRoleA854E2B5'),
    });
  });

  it('come with one that carries changes out, with a role of its own', () => {
    expect(machineNamed('orchestrator-dev-changes')).toMatchObject({
      DefinitionString: JSON.stringify(changeMachine('$' + '{LifecycleFunction}')),
      DefinitionSubstitutions: { LifecycleFunction: arnOf(read.functionId('lifecycle')) },
      RoleArn: arnOf('LifecycleChangesRoleDFEB91F5'),
    });
  });
});

describe('the roles of machines', () => {
  it('call one function each', () => {
    expect(read.allowed('WorkflowsRoleF3768BE0')).toEqual([
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: arnOf(read.functionId('run-step')) },
    ]);
    expect(read.allowed('UndoRoleA854E2B5')).toEqual([
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: arnOf(read.functionId('undo')) },
    ]);
    expect(read.allowed('LifecycleChangesRoleDFEB91F5')).toEqual([
      { Effect: 'Allow', Action: ['lambda:InvokeFunction'], Resource: arnOf(read.functionId('lifecycle')) },
    ]);
  });

  it('are taken for machines of this account only', () => {
    const trusting = read
      .resources('AWS::IAM::Role')
      .filter(([, role]) =>
        JSON.stringify(role['AssumeRolePolicyDocument']).includes('states.amazonaws.com'),
      );
    expect(trusting.map(([id]) => id).sort()).toEqual([
      'LifecycleChangesRoleDFEB91F5',
      'UndoRoleA854E2B5',
      'WorkflowsRoleF3768BE0',
    ]);
    for (const [, role] of trusting) {
      expect(role['AssumeRolePolicyDocument']).toMatchObject({
        Statement: [{ Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } }],
      });
    }
  });
});

describe('the name of a manifest machine', () => {
  const long = (end: string) => 'w'.repeat(62) + end;

  it('fits into 80 characters with the longest stage and workflow', () => {
    expect(manifestMachineNameOf('s'.repeat(20), long('a'))).toHaveLength(79);
  });

  it('tells workflows apart whose names differ at the end only', () => {
    expect(manifestMachineNameOf('dev', long('a'))).not.toBe(manifestMachineNameOf('dev', long('b')));
  });
});
