import { once } from 'node:events';
import { createServer } from 'node:http';
import { exitCode } from '../exit-code.ts';
import { ProblemError } from '../problem.ts';
import type { Metrics } from './metrics.ts';

type Answer = [status: number, text: string];

/** Serves `/metrics`, `/healthz` and `/readyz`, until it is disposed of. */
export async function serveMetrics(port: number, metrics: Metrics): Promise<AsyncDisposable> {
  const paths: Record<string, () => Answer> = {
    '/metrics': () => [200, metrics.text()],
    '/healthz': () => (metrics.isAlive() ? [200, 'ok\n'] : [503, 'a pass does not end\n']),
    '/readyz': () =>
      metrics.isReady() ? [200, 'ok\n'] : [503, 'no look at all namespaces went well yet; see the log\n'],
  };
  const server = createServer(({ method, url = '' }, response) => {
    const answer = paths[url.split('?')[0] as string];
    const [status, text]: Answer =
      method !== 'GET' ? [405, 'GET only\n'] : (answer?.() ?? [404, 'try /metrics, /healthz or /readyz\n']);
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
  });
  server.listen(port);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'no reason';
    throw new ProblemError(
      { message: `port ${port} cannot be listened at (${code})`, fix: 'choose another --metrics-port' },
      exitCode.incomplete,
    );
  }
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
