/** The folder of earlier releases (dynalite over LevelDB) is taken over by a command, and by nothing else. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** LevelDB names its newest manifest in it. */
export const isDynalite = (path: string): boolean => existsSync(join(path, 'CURRENT'));

/** Throws with the command that takes it over. */
export function refuseDynalite(path: string): void {
  if (!isDynalite(path)) return;
  throw new Error(
    `${path} is of an earlier release, which kept its tables with dynalite; take them over with: ORCHESTRATOR_DATA_DIR='${dirname(path).replaceAll("'", "'\\''")}' npm run migrate`,
  );
}
