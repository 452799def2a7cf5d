/** The Lambda driver against the documented API of Lambda. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DrivenStart } from '../../../src/instances/driver.ts';
import { createLambdaDriver } from '../../../src/lifecycle/drivers/lambda/lambda-driver.ts';
import { describeDriver } from './driver-contract.ts';
import { type FunctionState, startScriptedLambda } from './scripted-lambda.ts';

const startOf = (functionName: string, parts: Partial<DrivenStart> = {}, alias?: string): DrivenStart => ({
  service: 'gmail',
  version: '1.0.0',
  transport: 'mcp',
  id: functionName,
  token: `gmail.${functionName}.1`,
  settings: {
    functionName,
    url: `https://${functionName}.lambda-url.eu-central-1.on.aws`,
    ...(alias && { alias }),
  },
  ...parts,
});

const functionWith = (
  reserved: FunctionState['reserved'],
  provisioned: FunctionState['provisioned'] = {},
): FunctionState => ({ reserved, provisioned });
const stopped = (): FunctionState => functionWith(0);

describeDriver('the Lambda driver', async () => {
  const functions: Record<string, FunctionState> = { never: stopped(), one: stopped(), another: stopped() };
  const lambda = await startScriptedLambda(functions);
  return {
    open: () => createLambdaDriver({ client: new LambdaClient(lambda.connection) }),
    start: (name) => startOf(name),
    copies: async ({ id }) => (functions[id]?.reserved === 0 ? 0 : 1),
    end: async ({ id }) => void Object.assign(functions[id] ?? {}, { reserved: 0 }),
    close: lambda.close,
  };
});

async function driverOf(functions: Record<string, FunctionState>) {
  const { connection, asked, close } = await startScriptedLambda(functions);
  onTestFinished(close);
  return { driver: createLambdaDriver({ client: new LambdaClient(connection) }), asked };
}

describe('a function', () => {
  it.each([
    [5, 'gmail-mcp reserved=5'],
    ['none' as const, 'gmail-mcp unreserved'],
  ])('that had %s reserved has that again after a stop and a start', async (reserved, ref) => {
    const functions = { 'gmail-mcp': functionWith(reserved) };
    const { driver } = await driverOf(functions);
    const start = startOf('gmail-mcp');
    expect(await driver.start(start)).toEqual({
      state: 'RUNNING',
      ref,
      url: 'https://gmail-mcp.lambda-url.eu-central-1.on.aws/mcp',
    });
    await driver.stop({ ...start, ref });
    expect(functions['gmail-mcp'].reserved).toBe(0);
    expect(await driver.describe(start)).toEqual({ state: 'GONE' });
    expect(await driver.start({ ...start, token: 'gmail.gmail-mcp.2', before: ref })).toMatchObject({ ref });
    expect(functions['gmail-mcp'].reserved).toBe(reserved);
  });

  it('is started without a reservation, where nobody knows which one it had', async () => {
    const functions = { 'gmail-mcp': stopped() };
    const { driver, asked } = await driverOf(functions);
    const before = 'another-function reserved=5';
    expect(await driver.start(startOf('gmail-mcp', { before }))).toMatchObject({
      ref: 'gmail-mcp unreserved',
    });
    expect(asked).toEqual(['GET concurrency', 'DELETE concurrency']);
  });

  it('that is not there is refused, and gone', async () => {
    const { driver } = await driverOf({});
    expect(await driver.describe(startOf('nowhere'))).toEqual({ state: 'GONE' });
    await driver.stop(startOf('nowhere'));
    await expect(driver.start(startOf('nowhere'))).rejects.toMatchObject({
      code: 'driver.refused',
      message: 'There is no function nowhere',
    });
  });
});

describe('what is provisioned for the alias of a function', () => {
  it('is as much as instances are wanted, and is asked for once', async () => {
    const functions = { 'gmail-mcp': functionWith(10) };
    const { driver, asked } = await driverOf(functions);
    const start = startOf('gmail-mcp', {}, 'live');
    expect(await driver.resize?.(start, 3)).toBe(true);
    expect(await driver.resize?.(start, 3)).toBe(false);
    expect(functions['gmail-mcp'].provisioned).toEqual({ live: 3 });
    expect(asked).toEqual([
      'GET provisioned-concurrency',
      'PUT provisioned-concurrency 3',
      'GET provisioned-concurrency',
    ]);
  });

  it('goes before the function is stopped, since Lambda reserves no less', async () => {
    const functions = { 'gmail-mcp': functionWith(10, { live: 3 }) };
    const { driver } = await driverOf(functions);
    await driver.stop(startOf('gmail-mcp', {}, 'live'));
    expect(functions['gmail-mcp']).toEqual({ reserved: 0, provisioned: {} });
  });

  it('is left alone where the settings name no alias', async () => {
    const { driver, asked } = await driverOf({ 'gmail-mcp': { reserved: 'none', provisioned: {} } });
    expect(await driver.resize?.(startOf('gmail-mcp'), 3)).toBe(false);
    expect(asked).toEqual([]);
  });

  it('is refused where more is wanted than is reserved', async () => {
    const { driver } = await driverOf({ 'gmail-mcp': { reserved: 2, provisioned: {} } });
    await expect(driver.resize?.(startOf('gmail-mcp', {}, 'live'), 3)).rejects.toMatchObject({
      code: 'driver.refused',
      message:
        'Lambda does not provision 3 for gmail-mcp:live: InvalidParameterValueException: more than what is reserved',
    });
  });
});
