import { cleanEnv, makeValidator, str } from 'envalid';
import { exitCode } from '../exit-code.ts';
import { ProblemError } from '../problem.ts';

/** What the program takes from its environment. */
export interface Environment {
  /** `PULLSECRET_SYNC_CONFIG_MAP`: the ConfigMap with the configuration, `<namespace>/<name>`. The chart sets it. */
  configMap: string | undefined;
  /** `PULLSECRET_SYNC_LOG_FORMAT`: `auto` (default; text on a terminal, else JSON), `json` or `text`. */
  logFormat: 'auto' | 'json' | 'text';
}

const namespacedName = makeValidator<string>((input) => {
  if (/^[a-z0-9-]+\/[a-z0-9.-]+$/.test(input)) return input;
  throw new Error('not <namespace>/<name>');
});

/** @throws {ProblemError} exit code 64; it names the variables, never a value: envalid's own messages would quote it */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const environment = cleanEnv(
    variables,
    {
      PULLSECRET_SYNC_CONFIG_MAP: namespacedName({ default: undefined, desc: '<namespace>/<name> of a ConfigMap' }),
      PULLSECRET_SYNC_LOG_FORMAT: str({
        default: 'auto',
        choices: ['auto', 'json', 'text'],
        desc: 'auto, json or text',
      }),
    },
    {
      reporter({ errors }) {
        const names = Object.keys(errors);
        if (names.length === 0) return;
        throw new ProblemError(
          {
            message: `the environment variable ${names.join(', ')} has no usable value`,
            fix: 'see pullsecret-sync --help',
          },
          exitCode.usage,
        );
      },
    },
  );
  return { configMap: environment.PULLSECRET_SYNC_CONFIG_MAP, logFormat: environment.PULLSECRET_SYNC_LOG_FORMAT };
}
