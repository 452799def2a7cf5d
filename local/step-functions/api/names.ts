/** Names and ARNs, by the rules of AWS. */
import { ApiError } from './api-error.ts';

export interface Account {
  readonly region: string;
  readonly accountId: string;
}

/** No white space, brackets, wildcards, special or control characters; 1 to 80 characters. */
const validName = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}]{1,80}$/u;

export function checkName(name: string): void {
  if (!validName.test(name)) throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
}

export const machineArn = ({ region, accountId }: Account, name: string): string =>
  `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;

export const executionArn = (ofMachine: string, name: string): string =>
  `${ofMachine.replace(':stateMachine:', ':execution:')}:${name}`;

const arnOf = (kind: string): RegExp =>
  new RegExp(`^arn:[\\w-]+:states:[\\w-]+:\\d{12}:${kind}:[^:]+(:[^:]+)?$`);
const kinds = { stateMachine: arnOf('stateMachine'), execution: arnOf('execution') };

export function checkArn(arn: string, kind: keyof typeof kinds): void {
  if (!kinds[kind].test(arn)) throw new ApiError('InvalidArn', `Invalid Arn: '${arn}'`);
}
