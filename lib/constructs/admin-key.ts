/** The one admin key, made by Secrets Manager when the stack is, and never seen by anything that deploys. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acceptFindings } from '../accepted-findings.ts';

export class AdminKey extends Construct {
  readonly secret: Secret;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: string }) {
    super(scope, id);
    this.secret = new Secret(this, 'Secret', {
      description: `Admin key of the Orchestrator Service, ${stage}: Authorization: Bearer <key>`,
      // 48 of 62 characters: 285 bits.
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acceptFindings(this.secret, {
      SMG4: 'Clients hold the key, so it is changed by hand, with them; the authorizer knows a new one at once',
    });
  }
}
