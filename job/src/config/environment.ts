import { cleanEnv, makeValidator, str } from 'envalid';
import { exitCode } from '../exit-code.ts';
import { ProblemError } from '../problem.ts';

/** What the program takes from its environment. */
export interface Environment {
  /** `PULLSECRET_SYNC_CONFIG_MAP`: the ConfigMap with the configuration, `<namespace>/<name>`. The chart sets it. */
  configMap: string | undefined;
  /** `PULLSECRET_SYNC_LOG_FORMAT`: `auto` (default; text on a terminal, else JSON), `json` or `text`. */
  logFormat: 'auto' | 'json' | 'text';
  /** What is wrong with it (exit code 64). It names the variables, never a value: envalid's own messages would quote it. */
  problem: ProblemError | undefined;
}

/** Whether a text is `<namespace>/<name>` of an object. */
export function isNamespacedName(text: string): boolean {
  return /^[a-z0-9-]+\/[a-z0-9.-]+$/.test(text);
}

const namespacedName = makeValidator<string>((input) => {
  if (isNamespacedName(input)) return input;
  throw new Error('not <namespace>/<name>');
});

const allowed: Record<string, string> = {
  PULLSECRET_SYNC_CONFIG_MAP: '<namespace>/<name> of a ConfigMap',
  PULLSECRET_SYNC_LOG_FORMAT: 'auto, json or text',
};

/** A variable with a value that makes no sense counts as not set, so that help is there all the same. */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const problems: ProblemError[] = [];
  const environment = cleanEnv(
    variables,
    {
      PULLSECRET_SYNC_CONFIG_MAP: namespacedName({ default: undefined }),
      PULLSECRET_SYNC_LOG_FORMAT: str({ default: 'auto', choices: ['auto', 'json', 'text'] }),
    },
    {
      reporter({ errors }) {
        const names = Object.keys(errors);
        if (names.length === 0) return;
        const message = `the environment variable ${names.join(', ')} has no usable value`;
        const fix = names.map((name) => `set ${name} to ${allowed[name]}, or unset it`).join('; ');
        problems.push(new ProblemError({ message, fix }, exitCode.usage));
      },
    },
  );
  const [problem] = problems;
  // Envalid lets nobody ask for what it did not accept.
  if (problem) return { configMap: undefined, logFormat: 'auto', problem };
  const { PULLSECRET_SYNC_CONFIG_MAP: configMap, PULLSECRET_SYNC_LOG_FORMAT: logFormat } = environment;
  return { configMap, logFormat, problem };
}
