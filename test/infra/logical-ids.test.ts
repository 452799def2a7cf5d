/**
 * The ids by which CloudFormation knows what would be lost or cut off when it is replaced. A change here deletes
 * tables, keys, machines with their executions, or everything made at run time: think before changing the list.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Synthesized, synthesize } from './synthesized.ts';
import { TemplateReader } from './template-reader.ts';

let system: Synthesized;
beforeAll(async () => {
  system = await synthesize();
}, 60_000);

describe('the logical id', () => {
  it.each([
    [
      'data',
      'AWS::DynamoDB::GlobalTable',
      [
        'AccessTable860AC5FC',
        'AuditTable18A3095C',
        'ExecutionsTableE5FF9A8F',
        'InstancesTable42B60195',
        'RegistryTableDB777839',
        'TelemetryTableC7A3E736',
      ],
    ],
    ['workflows', 'AWS::SQS::Queue', ['EventsLostEvents747022F6']],
    ['workflows', 'Custom::Manifest', ['Manifest5C3B0DCE']],
    ['workflows', 'Custom::RunTimeMachines', ['RunTimeMachines5C60076A']],
    [
      'workflows',
      'AWS::IAM::Role of machines',
      ['LifecycleChangesRoleDFEB91F5', 'UndoRoleA854E2B5', 'WorkflowsRoleF3768BE0'],
    ],
    [
      'workflows',
      'AWS::StepFunctions::StateMachine',
      [
        'LifecycleChangesMachineDA89A716',
        'UndoMachine58A111E4',
        'Workflowsprocessandnotify5819F7AC',
        'Workflowsprocessemail6D0C5925',
        'WorkflowsprocessinboxCC941447',
        'WorkflowssmokecheckCF8CFB6F',
      ],
    ],
    ['api', 'AWS::SecretsManager::Secret', ['AdminKeySecretCA126E48']],
    ['api', 'AWS::ApiGateway::RestApi', ['ApiRest4DEC74FE']],
    ['monitoring', 'AWS::SNS::Topic', ['TopicBFC7AF6E']],
  ] as const)('in %s of each %s stays', (stack, kind, ids) => {
    const read = new TemplateReader(system[stack]);
    const [type = '', ofMachines] = kind.split(' of ');
    const found = read
      .resources(type)
      .filter(([, properties]) => !ofMachines || JSON.stringify(properties).includes('states.amazonaws.com'));
    expect(found.map(([id]) => id).sort()).toEqual(ids);
  });
});
