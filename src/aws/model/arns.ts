/** Names and arns of state machines and their executions (AWS: Step Functions resource types). */

/** The arn that an execution of this name has on this machine. */
export const executionArnOf = (machineArn: string, name: string): string =>
  `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;

/** One immutable machine for each definition: `<prefix><workflow up to 40>-<hash10>`, at most 80 characters. */
export const machineNameOf = (prefix: string, workflow: string, definitionHash: string): string =>
  `${prefix}${workflow.slice(0, 40)}-${definitionHash.slice(0, 10)}`;

/** The name in the arn of a machine. */
export const machineNameIn = (machineArn: string): string => machineArn.split(':').at(-1) ?? machineArn;

/**
 * What the machines of a manifest are named with. No workflow's name holds `_`, so no machine that is made at run
 * time begins so.
 */
export const manifestPrefixOf = (prefix: string): string => `${prefix}m_`;

/** Whether CloudFormation looks after the machine of this name. */
export const isManifestMachine = (prefix: string, name: string): boolean =>
  name.startsWith(manifestPrefixOf(prefix));
