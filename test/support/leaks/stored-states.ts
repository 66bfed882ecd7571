import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';

/** One state of an object, as it was written to etcd. */
export interface StoredState {
  /** Its key, such as `/registry/configmaps/default/kube-root-ca.crt`. */
  key: string;
  /** Protobuf for what Kubernetes has built in, JSON for the rest; characters are bytes. Empty where it was deleted. */
  value: string;
}

interface KeyValue {
  key: string;
  value?: string;
  mod_revision: string;
}

interface WatchAnswer {
  result?: {
    canceled?: boolean;
    cancel_reason?: string;
    /** Up to which revision etcd has dropped what was replaced. */
    compact_revision?: string;
    events?: Array<{ kv: KeyValue }>;
  };
}

/** Of all keys: from the first there can be to behind the last. */
const everything = { key: 'AA==', range_end: 'AA==' };

/**
 * Every state of every object that an API server has stored since it was started, those that are gone by now included. Of a
 * server that ran for longer than etcd keeps what was replaced, which is 30 minutes here, those that are there still, and
 * what changed since.
 *
 * @param etcd the address of its etcd
 */
export async function* storedStates(etcd: string): AsyncGenerator<StoredState> {
  const { header } = await read<{ header: { revision: string } }>(etcd, { count_only: true });
  const last = BigInt(header.revision);
  const dropped = yield* changes(etcd, 1n, last);
  if (dropped === undefined) return;
  const { kvs = [] } = await read<{ kvs?: KeyValue[] }>(etcd, {});
  yield* kvs.map(stateOf);
  yield* changes(etcd, dropped + 1n, last);
}

/** @returns up to which revision etcd has dropped changes, where it tells none for that */
async function* changes(etcd: string, from: bigint, last: bigint): AsyncGenerator<StoredState, bigint | undefined> {
  if (from > last) return undefined;
  const watch = { create_request: { ...everything, start_revision: String(from), fragment: true } };
  const answer = await ask(etcd, '/v3/watch', watch);
  const input = Readable.fromWeb(answer.body as ReadableStream);
  const lines = createInterface({ input });
  try {
    for await (const line of lines) {
      const { result = {} }: WatchAnswer = JSON.parse(line);
      if (result.compact_revision !== undefined) return BigInt(result.compact_revision);
      if (result.canceled) throw new Error(`etcd does not tell what was stored: ${result.cancel_reason}`);
      for (const { kv } of result.events ?? []) {
        yield stateOf(kv);
        if (BigInt(kv.mod_revision) >= last) return undefined;
      }
    }
  } finally {
    lines.close();
    input.destroy();
  }
  return undefined;
}

async function read<Answer>(etcd: string, options: object): Promise<Answer> {
  return (await ask(etcd, '/v3/kv/range', { ...everything, ...options })).json() as Promise<Answer>;
}

function ask(etcd: string, path: string, body: object): Promise<Response> {
  return fetch(etcd + path, { method: 'POST', body: JSON.stringify(body) });
}

function stateOf({ key, value = '' }: KeyValue): StoredState {
  return { key: decoded(key), value: decoded(value) };
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}
