import '../../src/runtime/interpret-schemas.ts';
import { createAuthorizer, createSecretAuthenticator } from '../../src/runtime/authorizer.ts';
import { AuthorizerConfig } from '../../src/runtime/authorizer-config.ts';
import { readConfig } from '../../src/runtime/read-config.ts';

export const handler = createAuthorizer(createSecretAuthenticator(readConfig(AuthorizerConfig, process.env)));
