import { expect, it } from 'vitest';
import { refuseDriver } from '../../../../src/registry/services/check-driver.ts';
import { driverWarnings } from '../../../../src/registry/services/model/driver-warnings.ts';
import { ServiceRegistration } from '../../../../src/registry/services/model/service-registration.ts';

const command = { kind: 'process', settings: { command: ['node', 'service.js'] } };
const registered = (driver: unknown) =>
  ServiceRegistration.parse({ name: 'clock', transport: 'rest', driver });
const onAws = { platform: 'aws', localDriversAllowed: false, webhooks: true } as const;
const caller = { id: 'ann', role: 'admin' } as const;

it('takes on AWS what names a driver for AWS, since the commands beside it run nowhere there', () => {
  const both = registered({ local: command, aws: { kind: 'webhook', settings: {} } });
  expect(() => refuseDriver(onAws, both, { caller })).not.toThrow();
});

it('refuses on one machine what runs on AWS', () => {
  const driver = { kind: 'ecs', settings: { taskDefinition: 'clock' } };
  const onOneMachine = { platform: 'local', localDriversAllowed: true, webhooks: true } as const;
  expect(() => refuseDriver(onOneMachine, registered(driver), { caller })).toThrow(
    expect.objectContaining({
      code: 'driver.not-available',
      message: 'the driver ecs runs on AWS, not on one machine',
    }),
  );
});

it.each([
  ['local', 'the driver webhook starts nothing: SERVICE_WEBHOOK_SECRET is not set'],
  ['aws', 'the driver webhook starts nothing: the stage names no webhooks.secretArn'],
] as const)('refuses on %s a webhook that nobody could sign', (platform, message) => {
  const rules = { platform, localDriversAllowed: false, webhooks: false };
  const driver = { kind: 'webhook', settings: { url: 'https://fleet.example.org/' } };
  expect(() => refuseDriver(rules, registered(driver), { caller })).toThrow(
    expect.objectContaining({ code: 'driver.not-available', message }),
  );
  expect(driverWarnings(registered(driver), rules)).toMatchObject([{ path: 'driver' }]);
  expect(driverWarnings(registered(driver), { ...rules, webhooks: true })).toEqual([]);
});

it('refuses on AWS what has a driver for one machine alone', () => {
  for (const driver of [command, { local: command }])
    expect(() => refuseDriver(onAws, registered(driver), { caller, path: 'services.clock' })).toThrow(
      expect.objectContaining({
        code: 'driver.not-available',
        message: 'the driver process runs on one machine, not on AWS',
        errors: [expect.objectContaining({ path: 'services.clock.driver' })],
      }),
    );
});
