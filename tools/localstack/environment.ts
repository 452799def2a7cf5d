/** The environment in which every command of a deployment to LocalStack runs. */
import { devNull } from 'node:os';

export type Environment = Readonly<Record<string, string | undefined>>;

export const localAccount = '000000000000';
export const localRegion = 'us-east-1';

/** Where the functions find the services of docker-compose.yml; what is set in the environment wins. */
const serviceUrls = {
  GMAIL_SERVICE_URL: 'http://gmail:8001',
  CLASSIFIER_SERVICE_URL: 'http://classifier:8002',
  GRAPH_SERVICE_URL: 'http://graph:8003',
  NOTIFY_SERVICE_URL: 'http://notify:8004',
};

/**
 * Names LocalStack as every AWS endpoint, and an account that exists nowhere. Nothing of the caller's own AWS
 * settings is left (keys, session, profile, files, role, region), nor the LocalStack token: no command can reach
 * AWS, or give away what it does not need.
 */
export function localStackEnvironment(env: Environment, endpoint: string): Record<string, string> {
  const own = Object.entries(env).filter(([name]) => !/^(AWS|CDK|LOCALSTACK)_/.test(name));
  return {
    ...serviceUrls,
    ...Object.fromEntries(own.flatMap(([name, value]) => (value ? [[name, value]] : []))),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    // A key of its own: the CDK CLI remembers in the home folder which account a key belongs to.
    AWS_ACCESS_KEY_ID: 'orchestratorLocalStack',
    AWS_SECRET_ACCESS_KEY: 'orchestratorLocalStack',
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
  };
}
