/** What a program needs of its surroundings to run at all; the rest, keys among it, is nobody's but ours. */
const inherited = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TMP',
  'TEMP',
  'TZ',
  'LANG',
  'LC_ALL',
  'LD_LIBRARY_PATH',
  'SystemRoot',
  'SystemDrive',
  'ComSpec',
  'PATHEXT',
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramFiles',
  'USERPROFILE',
];

type Environment = Readonly<Record<string, string | undefined>>;

/** Of an environment, what programs that we start inherit. */
export const surroundings = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    inherited.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
