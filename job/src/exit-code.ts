/** What the process ends with. The meaning of each number is a contract: scripts, the CronJob and the hook rely on it. */
export const exitCode = {
  /** Every selected namespace is as it should be. */
  ok: 0,
  /** Not all could be done; each failure was named with its reason. */
  incomplete: 1,
  /** With `--exit-code`: a run would change something (`plan`, `status`), or a link is broken (`status --pod`, `--namespace`). */
  drift: 2,
  /** The command line is wrong (EX_USAGE of sysexits.h). */
  usage: 64,
  /** The configuration or every credential is wrong; nothing was written and a retry cannot help (EX_CONFIG of sysexits.h). */
  config: 78,
} as const;
