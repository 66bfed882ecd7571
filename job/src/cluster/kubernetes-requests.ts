import { isRecord, parseJson } from '../json.ts';
import { marks } from '../plan/marks.ts';
import type { Progress } from '../progress.ts';
import { clusterError, notFromApiServer } from './api-status.ts';
import { describeCertificateFault, isCertificateFault } from './certificate-fault.ts';
import { ClusterError, type RequestName } from './cluster-error.ts';
import type { HttpRequest } from './exchange.ts';
import { allPages, type Page } from './kubernetes-pages.ts';
import { resourcePath } from './kubernetes-resources.ts';
import { RefusedLines } from './refused-lines.ts';
import { errorCode, type Send } from './transport.ts';

/**
 * An apply creates what is missing whatever version it names, and conflicts with what exists under any other version. No
 * object is at version 1, so an apply with it creates or fails, and never touches what appeared meanwhile. A POST would do
 * the same, but rights to POST cannot be limited to one name.
 */
export const notThere = { resourceVersion: '1' };

/**
 * An object as the API server sends it. Client-node's types are of its models, in which times are no texts any more; making
 * models of all that comes costs more than all the rest of a run.
 */
export type Raw<T> = T extends Date
  ? string
  : T extends Array<infer Item>
    ? Raw<Item>[]
    : T extends object
      ? { [Key in keyof T]: Raw<T[Key]> }
      : T;

export interface ApplyOptions {
  /** Takes fields from other managers instead of meeting a conflict. Default: false. */
  force?: boolean;
  /** Default: the job's own. */
  manager?: string;
}

/** What can be asked of an API server. Everything rejects with a ClusterError under the request's name. */
export interface Requests {
  /** One object, or a LIST without pages. */
  read<T>(name: RequestName, query?: Record<string, string>): Promise<Raw<T>>;
  /** Every item of a LIST, each made a small record at once. */
  list<Item, Small>(
    name: RequestName,
    record: (item: Raw<Item>) => Small,
    query?: Record<string, string>,
  ): Promise<Small[]>;
  /** Server-side apply; the object as it is then. */
  apply<T>(name: RequestName, body: object, options?: ApplyOptions): Promise<Raw<T>>;
  /** The object as it is then. */
  mergePatch<T>(name: RequestName, body: object): Promise<Raw<T>>;
  post(name: RequestName, body: object): Promise<void>;
  /** @param options the API's DeleteOptions */
  remove(name: RequestName, options?: object): Promise<void>;
}

const json = 'application/json';
const applyPatch = 'application/apply-patch+yaml';
const mergePatch = 'application/merge-patch+json';

/** @param progress told of the items of each page that was read */
export function requestsOf(send: Send, signal: AbortSignal, progress?: Pick<Progress, 'read'>): Requests {
  const ask = <T>(name: RequestName, request: HttpRequest): Promise<T> =>
    translateErrors(name, signal, async () => {
      const { statusCode, text } = await send(request);
      if (statusCode >= 300) throw clusterError(name, statusCode, text);
      const answer = parseJson(text);
      if (!isRecord(answer)) throw notFromApiServer(name, statusCode);
      return answer as T;
    });
  const read = <T>(name: RequestName, query?: Record<string, string>): Promise<T> =>
    ask(name, { method: 'GET', path: resourcePath(name, query), headers: {} });

  return {
    read,
    list: (name, record, query) =>
      allPages(async (page) => {
        const answer = await read<Page<Parameters<typeof record>[0]>>(name, { ...query, ...page });
        if (!Array.isArray(answer.items)) throw notFromApiServer(name, 200);
        progress?.read(answer.items.length);
        return answer;
      }, record),
    apply(name, body, { force = false, manager = marks.fieldManager } = {}) {
      const path = resourcePath(name, { fieldManager: manager, ...(force ? { force: 'true' } : {}) });
      return ask(name, withBody('PATCH', applyPatch, body, path));
    },
    mergePatch: (name, body) =>
      ask(name, withBody('PATCH', mergePatch, body, resourcePath(name, { fieldManager: marks.fieldManager }))),
    post: (name, body) => ask(name, withBody('POST', json, body, resourcePath(name))),
    remove: (name, options = {}) => ask(name, withBody('DELETE', json, options, resourcePath(name))),
  };
}

function withBody(method: string, type: string, body: object, path: string): HttpRequest {
  return { method, path, headers: { 'content-type': type }, body: JSON.stringify(body) };
}

/** What finds the objects of one name only, which is what rights by name allow. */
export function byName(name: string | undefined): Record<string, string> {
  return name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
}

export async function translateErrors<T>(
  name: RequestName,
  signal: AbortSignal,
  request: () => Promise<T>,
): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (signal.aborted) throw new ClusterError('interrupted', name, 'the run was told to stop');
    if (error instanceof ClusterError) throw error;
    if (error instanceof RefusedLines) throw clusterError(name, error.statusCode, error.body);
    // The cause is dropped: an error of JSON quotes what it could not read.
    const code = errorCode(error);
    if (isCertificateFault(code)) throw new ClusterError('untrusted', name, describeCertificateFault(code, new Date()));
    throw new ClusterError('unreachable', name, code || 'no answer from the API server');
  }
}

export async function orNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClusterError && error.kind === 'notFound') return undefined;
    throw error;
  }
}
