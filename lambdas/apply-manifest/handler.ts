import '../../src/runtime/interpret-schemas.ts';
import { ManifestConfig } from '../../src/runtime/config.ts';
import { createApplyManifest } from '../../src/runtime/deployment.ts';
import { readConfig } from '../../src/runtime/read-config.ts';

export const handler = createApplyManifest(readConfig(ManifestConfig, process.env));
