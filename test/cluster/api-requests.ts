import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { parse } from 'yaml';

export interface ApiRequest {
  /** Default: `GET`. */
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  path: string;
  body?: object;
  /** Default: JSON, and a merge patch for `PATCH`. */
  type?: string;
  headers?: Record<string, string>;
}

export interface ApiAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers
  body: any;
}

/** Whoever a kubeconfig stands for. */
export interface Caller extends AsyncDisposable {
  ask(request: ApiRequest): Promise<ApiAnswer>;
}

export const applyType = 'application/apply-patch+yaml';

/** Asks the API server in this process: hundreds of requests in a second, where kubectl makes a few. */
export async function callerOf(kubeconfig: string): Promise<Caller> {
  const { clusters, users } = parse(await readFile(kubeconfig, 'utf8'));
  const { server, 'certificate-authority-data': authority } = clusters[0].cluster;
  const dispatcher = new Agent({ connect: { ca: Buffer.from(authority, 'base64') } });
  return {
    async ask({ method = 'GET', path, body, type, headers = {} }) {
      const contentType = type ?? (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');
      const answer = await request(server + path, {
        dispatcher,
        method,
        headers: { authorization: `Bearer ${users[0].user.token}`, 'content-type': contentType, ...headers },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: text.startsWith('{') ? JSON.parse(text) : text };
    },
    [Symbol.asyncDispose]: () => dispatcher.close(),
  };
}
