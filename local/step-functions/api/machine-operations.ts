/** State machines: create (with AWS's idempotency), validate, describe, update, list, delete. */
import * as z from 'zod';
import type { DefinitionFault } from '../asl/fault.ts';
import { parseDefinition } from '../asl/parse-definition.ts';
import type { Program } from '../asl/program.ts';
import type { MachineRecord } from '../journal/record.ts';
import { ApiError, stateMachineDoesNotExist } from './api-error.ts';
import { epochSeconds } from './epoch-seconds.ts';
import { checkArn, checkName, machineArn } from './names.ts';
import { type Operation, type OperationContext, operation } from './operation.ts';
import { pageSize, pageToken, positionOf } from './page.ts';
import { Tags } from './tag-operations.ts';

const unsupported = (what: string) =>
  z.never({ error: `The local engine does not support ${what}` }).optional();

/** The settings that AWS has by default are taken; others would have no effect here and are refused. */
const settings = {
  loggingConfiguration: z
    .strictObject({
      level: z.literal('OFF').optional(),
      includeExecutionData: z.boolean().optional(),
      destinations: z.array(z.never()).optional(),
    })
    .optional(),
  tracingConfiguration: z.strictObject({ enabled: z.literal(false).optional() }).optional(),
  encryptionConfiguration: z.strictObject({ type: z.literal('AWS_OWNED_KEY') }).optional(),
  publish: z.literal(false).optional(),
  versionDescription: unsupported('versions'),
};

const CreateInput = z.strictObject({
  name: z.string(),
  definition: z.string(),
  roleArn: z.string().min(1),
  type: z.string().optional(),
  tags: Tags.optional(),
  ...settings,
});

const UpdateInput = z.strictObject({
  stateMachineArn: z.string(),
  definition: z.string().optional(),
  roleArn: z.string().min(1).optional(),
  ...settings,
});

export const faultText = ({ code, message, path }: DefinitionFault): string =>
  `${code}: ${message}${path === '' ? '' : ` at ${path}`}`;

function programOf(definition: string): Program {
  const parsed = parseDefinition(definition);
  if (parsed.ok) return parsed.program;
  const reasons = parsed.faults.map(faultText).join(', ');
  throw new ApiError('InvalidDefinition', `Invalid State Machine Definition: '${reasons}'`);
}

function checkType(type: string | undefined): void {
  if (type === 'EXPRESS') {
    throw new ApiError(
      'StateMachineTypeNotSupported',
      'The local Step Functions engine runs STANDARD machines only',
    );
  }
  if (type !== undefined && type !== 'STANDARD')
    throw new ApiError('ValidationException', `Unknown type '${type}'`);
}

function machineOf({ machines }: OperationContext, arn: string): MachineRecord {
  checkArn(arn, 'stateMachine');
  const machine = machines.get(arn);
  if (machine === undefined) throw stateMachineDoesNotExist(arn);
  return machine;
}

const created = (machine: MachineRecord): object => ({
  stateMachineArn: machine.arn,
  creationDate: epochSeconds(machine.creationDate),
});

/** Same name and definition: the machine that is there; a different role or tags are ignored, as on AWS. */
const createStateMachine = operation(CreateInput, ({ account, machines }, input) => {
  checkName(input.name);
  checkType(input.type);
  const program = programOf(input.definition);
  const arn = machineArn(account, input.name);
  const existing = machines.get(arn);
  if (existing !== undefined && machines.definitionOf(existing.revisionId) === input.definition)
    return created(existing);
  if (existing !== undefined) {
    throw new ApiError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
  }
  const machine: MachineRecord = {
    kind: 'machine',
    arn,
    name: input.name,
    roleArn: input.roleArn,
    revisionId: machines.addRevision(input.definition, program),
    creationDate: Date.now(),
    tags: input.tags ?? [],
  };
  machines.put(machine);
  return created(machine);
});

const isGiven = (value: unknown): boolean => value !== undefined;
const nothingToUpdate =
  'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified';

/** The same definition and role keep the revision; a change of either makes a new one. */
const updateStateMachine = operation(UpdateInput, (context, input) => {
  const machine = machineOf(context, input.stateMachineArn);
  if (
    ![input.definition, input.roleArn, input.loggingConfiguration, input.tracingConfiguration].some(isGiven)
  )
    throw new ApiError('MissingRequiredParameter', nothingToUpdate);
  const before = context.machines.definitionOf(machine.revisionId);
  const { definition = before, roleArn = machine.roleArn } = input;
  const updateDate = Date.now();
  const program = input.definition === undefined ? undefined : programOf(definition);
  if (definition === before && roleArn === machine.roleArn)
    return { updateDate: epochSeconds(updateDate), ...shownRevision(machine) };
  const revisionId = context.machines.addRevision(
    definition,
    program ?? context.machines.programOf(machine.revisionId),
  );
  context.machines.put({ ...machine, roleArn, revisionId, updateDate });
  return { updateDate: epochSeconds(updateDate), revisionId };
});

/** AWS shows none for a machine that was never updated. */
const shownRevision = ({ updateDate, revisionId }: MachineRecord): object =>
  updateDate === undefined ? {} : { revisionId };

export const defaultSettings = {
  loggingConfiguration: { level: 'OFF', includeExecutionData: false },
  tracingConfiguration: { enabled: false },
};

function description(machine: MachineRecord, definition: string): object {
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    status: 'ACTIVE',
    definition,
    roleArn: machine.roleArn,
    type: 'STANDARD',
    creationDate: epochSeconds(machine.creationDate),
    ...defaultSettings,
    encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    ...shownRevision(machine),
  };
}

const MachineInput = z.strictObject({
  stateMachineArn: z.string(),
  includedData: z.literal('ALL_DATA').optional(),
});

const describeStateMachine = operation(MachineInput, (context, input) => {
  const machine = machineOf(context, input.stateMachineArn);
  return description(machine, context.machines.definitionOf(machine.revisionId));
});

const ListInput = z.strictObject({
  maxResults: z.int().min(0).max(1000).optional(),
  nextToken: z.string().optional(),
});

const listStateMachines = operation(ListInput, ({ machines }, input) => {
  const all = machines.list();
  const from = positionOf(input.nextToken, 'stateMachines') ?? 0;
  const to = from + pageSize(input.maxResults);
  const page = all.slice(from, to).map((machine) => ({
    stateMachineArn: machine.arn,
    name: machine.name,
    type: 'STANDARD',
    creationDate: epochSeconds(machine.creationDate),
  }));
  return { stateMachines: page, ...(to < all.length && { nextToken: pageToken('stateMachines', to) }) };
});

const DeleteInput = z.strictObject({ stateMachineArn: z.string() });

/** Ends the machine's open executions (AWS does so at their next transition). Deleting what is not there succeeds. */
const deleteStateMachine = operation(DeleteInput, ({ machines, executions }, input) => {
  checkArn(input.stateMachineArn, 'stateMachine');
  if (machines.get(input.stateMachineArn) === undefined) return {};
  for (const execution of executions.open())
    if (execution.start.machineArn === input.stateMachineArn) executions.abort(execution, {});
  machines.delete(input.stateMachineArn);
  return {};
});

const ValidateInput = z.strictObject({
  definition: z.string(),
  type: z.string().optional(),
  severity: z.enum(['ERROR', 'WARNING']).optional(),
  maxResults: z.int().min(0).max(100).optional(),
});

const validateStateMachineDefinition = operation(ValidateInput, (_, input) => {
  const parsed = parseDefinition(input.definition);
  if (parsed.ok) return { result: 'OK', diagnostics: [], truncated: false };
  const most = input.maxResults || parsed.faults.length;
  const diagnostics = parsed.faults.slice(0, most).map(({ code, message, path }) => ({
    severity: 'ERROR',
    code,
    message,
    ...(path !== '' && { location: path }),
  }));
  return { result: 'FAIL', diagnostics, truncated: most < parsed.faults.length };
});

export const machineOperations: Readonly<Record<string, Operation>> = {
  CreateStateMachine: createStateMachine,
  UpdateStateMachine: updateStateMachine,
  DescribeStateMachine: describeStateMachine,
  ListStateMachines: listStateMachines,
  DeleteStateMachine: deleteStateMachine,
  ValidateStateMachineDefinition: validateStateMachineDefinition,
};
