import type { ConfigurationSource } from '../config/configuration-source.ts';
import { UnusableConfigError } from '../config/configuration-source.ts';
import { exitCode } from '../exit-code.ts';
import { orSay } from '../or-say.ts';
import { forgottenNames } from '../plan/names-in-use.ts';
import { decideExitCode, logFindings, logForgotten, logResult } from '../report/report.ts';
import { writeStatus } from '../report/status.ts';
import type { EngineDeps } from '../run/engine-deps.ts';
import { type FollowerPass, follow } from './follower.ts';
import type { Metrics } from './metrics.ts';
import { serveMetrics } from './metrics-server.ts';

interface FollowOptions {
  configuration: ConfigurationSource;
  metrics: Metrics;
  metricsPort?: number;
}

/**
 * `sync --follow`. A configuration that cannot be used ends no follower: it waits for a better one, of which it hears at
 * once, while a process that ends is started again later and later. Until then it is not ready, and says why in its log.
 */
export async function followCommand(deps: EngineDeps, options: FollowOptions): Promise<number> {
  const { log, mask, cluster, clock } = deps;
  const { configuration, metrics, metricsPort } = options;
  await using _server = metricsPort === undefined ? undefined : await serveMetrics(metricsPort, metrics);

  const onFullPass = async ({ started, result }: FollowerPass) => {
    const code = decideExitCode(result, { toleratePartial: false });
    logResult(result, code, log);
    const { release } = result.config;
    const ending = { started, finished: clock.now(), exitCode: code, outcome: result };
    const names = await orSay(writeStatus(cluster, release, { ending, mask }), log);
    if (names) logForgotten(forgottenNames(result.config, names), release, log);
  };

  log.info('following');
  await follow({
    ...deps,
    configuration,
    onBegin: metrics.begin,
    onIdle: metrics.rest,
    async onPass(pass) {
      metrics.end(pass);
      if (pass.only) logFindings(pass.result, log);
      else await onFullPass(pass);
    },
    async onFailure(error, problem) {
      metrics.fail();
      log.error(problem.message, { fix: problem.fix });
      if (!(error instanceof UnusableConfigError)) return;
      const [started, finished] = [clock.now(), clock.now()];
      const ending = { started, finished, exitCode: error.exitCode, outcome: problem };
      await orSay(writeStatus(cluster, error.release, { ending, mask }), log);
    },
  });
  log.info('told to stop');
  return exitCode.ok;
}
