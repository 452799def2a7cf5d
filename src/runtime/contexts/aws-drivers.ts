/** The drivers of a stage on AWS, as far as it says where things run; each is loaded when an instance first needs it. */

import { late } from '../../base/late.ts';
import type { Driver, Drivers } from '../../instances/driver.ts';
import { lateDriver } from '../../lifecycle/drivers/late-driver.ts';
import type { ScalingWebhook } from '../../lifecycle/drivers/webhook/scaling-webhook.ts';
import type { WebhookOptions } from '../../lifecycle/drivers/webhook/webhook-sender.ts';
import type { Egress } from '../../transport/egress.ts';
import { systemClock } from '../clock-and-ids.ts';
import type { LifecycleConfig } from '../config.ts';
import { type Environment, readConfig } from '../read-config.ts';

export function awsDrivers(config: LifecycleConfig, egress: Egress): Drivers {
  const all = [lambdaDriver(), ...ecsDriver(config), ...webhookDriver(config, egress)];
  return new Map(all.map((driver) => [driver.kind, driver]));
}

/** The permissions of the function say which functions it may start. */
const lambdaDriver = (): Driver =>
  lateDriver('lambda', async () => {
    const { createLambdaClient } = await import('../aws-clients/lambda.ts');
    const { createLambdaDriver } = await import('../../lifecycle/drivers/lambda/lambda-driver.ts');
    return createLambdaDriver({ client: createLambdaClient() });
  });

function ecsDriver(config: LifecycleConfig): Driver[] {
  const { STAGE: owner, ECS_CLUSTER: cluster } = config;
  const { ECS_SUBNETS: subnets = [], ECS_SECURITY_GROUPS: securityGroups = [], ECS_REACH: reach } = config;
  if (cluster === undefined) return [];
  const load = async (): Promise<Driver> => {
    const { createEcsClient } = await import('../aws-clients/ecs.ts');
    const { createEcsDriver } = await import('../../lifecycle/drivers/ecs/ecs-driver.ts');
    const publicAddressOf = reach === 'public' ? await publicAddresses() : undefined;
    const client = createEcsClient();
    return createEcsDriver({ client, cluster, subnets, securityGroups, publicAddressOf, owner });
  };
  return [lateDriver('ecs', load)];
}

async function publicAddresses() {
  const { createEc2Client } = await import('../aws-clients/ec2.ts');
  const { createPublicAddresses } = await import('../../lifecycle/drivers/ecs/public-addresses.ts');
  return createPublicAddresses(createEc2Client());
}

function webhookDriver(config: LifecycleConfig, egress: Egress): Driver[] {
  const { SERVICE_WEBHOOK_SECRET_ID: id, SERVICE_INSTANCE_MANAGEMENT_URL: url } = config;
  if (id === undefined) return [];
  const load = async (): Promise<Driver> => {
    const { createWebhookDriver } = await import('../../lifecycle/drivers/webhook/webhook-driver.ts');
    return createWebhookDriver({ url, ...(await webhookOptions(config, egress, id)) });
  };
  return [lateDriver('webhook', load)];
}

/** Undefined where the stage names nobody who wants to know. */
export function scalingNotices(config: LifecycleConfig, egress: Egress): ScalingWebhook | undefined {
  const { SERVICE_WEBHOOK_SECRET_ID: id, SERVICE_SCALING_URL: url } = config;
  if (id === undefined || url === undefined) return undefined;
  return late(async () => {
    const { createScalingWebhook } = await import('../../lifecycle/drivers/webhook/scaling-webhook.ts');
    return createScalingWebhook({ url, ...(await webhookOptions(config, egress, id)) });
  });
}

async function webhookOptions(config: LifecycleConfig, egress: Egress, id: string): Promise<WebhookOptions> {
  const { createConfiguredSecretReader } = await import('../secret-reader.ts');
  const { SecretAccess } = await import('../authorizer-config.ts');
  const readSecret = createConfiguredSecretReader(readConfig(SecretAccess, credentialsIn(config)));
  return { egress, clock: systemClock, secret: await readSecret(id), owner: config.STAGE };
}

const credentialsIn = ({
  AWS_REGION,
  AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY,
  AWS_SESSION_TOKEN,
}: LifecycleConfig): Environment => ({
  AWS_REGION,
  AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY,
  AWS_SESSION_TOKEN,
});
