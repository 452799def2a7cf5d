/**
 * Tells the registry of the manifest, after its machines are there: a custom resource, so that a manifest that is
 * refused fails the deployment, and going back applies the earlier one.
 */
import { Annotations, CustomResource, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { manifestPrefixOf } from '../../src/aws/model/arns.ts';
import type { Manifest as ManifestContent } from '../../src/manifest/model/manifest.ts';
import { type DriversHere, driverWarnings } from '../../src/registry/services/model/driver-warnings.ts';
import { acceptFindings } from '../accepted-findings.ts';
import { machineArn, machinePrefixOf, manifestMachineNameOf } from '../names.ts';
import { FunctionFactory, type StageProps } from './function-factory.ts';
import type { ServiceFunction } from './service-function.ts';

export interface ManifestProps extends StageProps {
  readonly manifest: ManifestContent;
  readonly runStep: ServiceFunction;
}

/** An update is one event of at most 1 MB (AWS: Lambda quotas), with this manifest and the earlier one, each text in a text. */
const maxBytes = 200_000;

export class Manifest extends Construct {
  readonly applyManifest: ServiceFunction;

  constructor(scope: Construct, id: string, props: ManifestProps) {
    super(scope, id);
    const { stage } = props.settings;
    const { workflows } = props.manifest;
    this.applyManifest = this.#createFunction(props);
    this.#warnOfDrivers(props.manifest, { platform: 'aws', webhooks: props.settings.webhooks !== undefined });
    new CustomResource(this, 'Resource', {
      resourceType: 'Custom::Manifest',
      serviceToken: this.applyManifest.arn,
      serviceTimeout: Duration.minutes(5),
      properties: {
        Manifest: textOf(props.manifest),
        Machines: Object.fromEntries(
          workflows.map(({ name }) => [name, machineArn(this, manifestMachineNameOf(stage, name))]),
        ),
      },
    });
  }

  /** One manifest is for every platform: what does nothing here is said, and taken. */
  #warnOfDrivers({ services }: ManifestContent, here: DriversHere): void {
    for (const service of services)
      for (const { path, message } of driverWarnings(service, here))
        Annotations.of(this).addWarningV2(
          `orchestrator:${service.name}.${path}`,
          `services.${service.name}.${path} ${message}`,
        );
  }

  #createFunction(props: ManifestProps): ServiceFunction {
    const { registry, instances, runStep, settings } = props;
    const factory = new FunctionFactory(this, props);
    const created = factory.create('apply-manifest', {
      timeoutSeconds: 240,
      memoryMb: 512,
      environment: {
        REGISTRY_TABLE: registry.table.tableName,
        INSTANCES_TABLE: instances.table.tableName,
        RUN_STEP_FUNCTION: runStep.arn,
      },
    });
    const machines = `${manifestPrefixOf(machinePrefixOf(settings.stage))}*`;
    created.mayUse(registry, ['GetItem', 'PutItem', 'DeleteItem', 'Query']);
    created.mayUse(instances, ['PutItem', 'DeleteItem', 'Query']);
    created.may(['states:ListExecutions'], [machineArn(this, machines)]);
    acceptFindings(created, {
      [`IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:${machines}]`]:
        'A workflow that an earlier manifest named is not in this template; the prefix is of this stage alone',
    });
    return created;
  }
}

function textOf(manifest: ManifestContent): string {
  const text = JSON.stringify(manifest);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes)
    throw new Error(
      `The manifest has ${bytes} bytes, and a deployment takes ${maxBytes}: define some workflows through the API`,
    );
  return text;
}
